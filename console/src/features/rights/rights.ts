/** What the pages of the rights desk share. */
import { useTranslation } from "react-i18next";
import type { RightsRequest, RightsRequestKind, RightsText } from "../../api/types";
import type { Tone } from "../../ui";

export const KINDS: RightsRequestKind[] = ["access", "erase", "correct", "explain"];

/** Everything a change of a request may touch. */
export const TOUCHED = ["/rights", "/people"] as const;

const TONES: Record<RightsRequest["state"], Tone> = { open: "warning", working: "info", done: "success", refused: "neutral" };

export function toneOf(request: RightsRequest): Tone {
  return request.overdue ? "danger" : TONES[request.state];
}

export function isEnded(request: RightsRequest): boolean {
  return request.state === "done" || request.state === "refused";
}

/** A text in the language of the console. */
export function useText() {
  const { i18n } = useTranslation();
  return (text: RightsText) => (i18n.language.startsWith("zh") ? text.zh : text.en);
}

/** What a person added to what shows that it was them; see the preference page. */
export function splitNote(note: string): { evidence: string; text: string } {
  const [first = "", ...rest] = note.split("\n");
  const fromPage = first.startsWith("message:") || first === "personal link";
  return fromPage ? { evidence: first, text: rest.join("\n") } : { evidence: "", text: note };
}

/** Whole days until an instant; negative once it has passed. */
export function daysUntil(at: string, now: number): number {
  return Math.ceil((new Date(at).getTime() - now) / 86_400_000) - 1;
}
