/** What a table or file of an answer is to call things: the server knows its numbers, the console how people name them. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useEventNames } from "../../api/catalog";
import { useNames } from "../../app/names";

export interface Wording {
  language: "zh-CN" | "en";
  names: Record<string, string>;
}

const NAMES_MAX = 2_000;

export function useWording(): Wording {
  const { i18n } = useTranslation();
  const names = useNames();
  const events = useEventNames().data;
  return useMemo(() => {
    const pairs = (events ?? []).map((event): [string, string] => [event.name, names.event(event.name)]).filter(([name, called]) => name !== called);
    return { language: i18n.language === "en" ? "en" : "zh-CN", names: Object.fromEntries(pairs.slice(0, NAMES_MAX)) };
  }, [i18n.language, names, events]);
}
