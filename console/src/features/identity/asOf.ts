/** The instant as of which people are told apart: from the address, and from what somebody types. */
import type { Formats } from "../../ui";

const MINUTE_MILLIS = 60_000;
const DAY_MILLIS = 86_400_000;

/** Days back that are offered with one click. */
export const DAYS_BACK = [1, 7, 30] as const;

/** What the address holds, if it is an instant that has come. */
export function asOfFrom(text: unknown, now: number): string | undefined {
  if (typeof text !== "string") return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) || at < 0 || at > now ? undefined : new Date(at).toISOString();
}

export function daysBack(days: number, now: number): string {
  return new Date(now - days * DAY_MILLIS).toISOString();
}

/** `2026-11-20T14:30`, as the browser's control writes it, in the project's zone. */
export function localOf(at: string, format: Pick<Formats, "dateTime">): string {
  return format.dateTime(at).replace(" ", "T");
}

/** The instant of a local time in the project's zone. */
export function instantOf(local: string, format: Pick<Formats, "dateTime">): string | undefined {
  const wanted = Date.parse(`${local}Z`);
  if (Number.isNaN(wanted)) return undefined;
  let at = wanted;
  // Once for the offset, once more where it changed in between.
  for (let step = 0; step < 2; step++) at += wanted - Date.parse(`${localOf(new Date(at).toISOString(), format)}Z`);
  return new Date(Math.floor(at / MINUTE_MILLIS) * MINUTE_MILLIS).toISOString();
}
