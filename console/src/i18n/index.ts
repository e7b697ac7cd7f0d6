/** Languages: Chinese is the source, English must be complete (a test compares). */
import i18next, { changeLanguage, use as register } from "i18next";
import { initReactI18next } from "react-i18next";
import type zh from "./zh-CN";

export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Texts = typeof zh;

const STORAGE_KEY = "siyu.language";

function isLanguage(text: string | null | undefined): text is Language {
  return text === "zh-CN" || text === "en";
}

/** The address first (so that a link can fix it), then the choice, then Chinese. */
export function storedLanguage(): Language | null {
  const asked = new URLSearchParams(location.search).get("lang");
  if (isLanguage(asked)) return asked;
  const stored = localStorage.getItem(STORAGE_KEY);
  return isLanguage(stored) ? stored : null;
}

async function load(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, "translation")) return;
  const texts = language === "en" ? await import("./en") : await import("./zh-CN");
  i18next.addResourceBundle(language, "translation", texts.default);
}

export async function startLanguages(): Promise<void> {
  const language = storedLanguage() ?? "zh-CN";
  await register(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await load(language);
  await changeLanguage(language);
  document.documentElement.lang = language;
}

export async function chooseLanguage(language: Language): Promise<void> {
  await load(language);
  localStorage.setItem(STORAGE_KEY, language);
  await changeLanguage(language);
  document.documentElement.lang = language;
}
