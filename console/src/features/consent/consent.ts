/** What the pages about consent share. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { ConsentPosition, ConsentProof, Page, Purpose } from "../../api/types";
import type { Tone } from "../../ui";

export const EVERY_CHANNEL = "*";
export const CHANNELS = ["email", "sms", "phone", "wechat", "wecom", "push", "webhook"] as const;

export function usePurposes() {
  return useQuery({
    queryKey: ["/consent/purposes"],
    queryFn: async ({ signal }) => (await get<Page<Purpose>>("/consent/purposes", { signal })).items,
  });
}

/** Names in the language of the console. */
export function useConsentNames() {
  const { t, i18n } = useTranslation();
  const chinese = i18n.language.startsWith("zh");
  return {
    purpose: (of: { name_zh: string; name_en: string }) => (chinese ? of.name_zh : of.name_en),
    description: (of: { description_zh: string; description_en: string }) => (chinese ? of.description_zh : of.description_en),
    channel: (channel: string) => t(`consent.channels.${channel === EVERY_CHANNEL ? "every" : (channel as "email")}`, { defaultValue: channel }),
    how: (how: ConsentProof["how"]) => (how ? t(`consent.hows.${how}`) : ""),
    source: (source: string) => t(`consent.sources.${source as "preference_page"}`, { defaultValue: source }),
    by: (actor: string) => (actor === "person" || actor === "system" ? t(`consent.actors.${actor}`) : actor),
  };
}

export function toneOf(position: Pick<ConsentPosition, "state" | "allowed">): Tone {
  if (position.state === "expired") return "warning";
  if (position.state === null || position.state === undefined) return "neutral";
  return position.allowed ? "success" : "danger";
}

/** What holds, as one word of the texts. */
export function stateKey(position: Pick<ConsentPosition, "state" | "allowed" | "essential">) {
  if (position.essential) return "essential" as const;
  return position.state ?? (position.allowed ? ("unsaid_yes" as const) : ("unsaid_no" as const));
}
