/** Which bucket of a time axis a day falls into. Pure, so that the ends of weeks and months can be tested. */

/** What happened on a local day, `2026-11-11`. */
export interface DayNote {
  day: string;
  note: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MILLIS = 86_400_000;
const MONTH_DAYS_LEAST = 28;

function instant(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** The day after the last bucket; its length is that of the one before. */
function end(starts: string[]): number {
  const last = instant(starts.at(-1) ?? "");
  const before = starts.at(-2);
  const days = before === undefined ? 1 : Math.round((last - instant(before)) / DAY_MILLIS);
  if (days < MONTH_DAYS_LEAST) return last + days * DAY_MILLIS;
  const date = new Date(last);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
}

const SAYS_DAY = /^\d{4}-\d{2}-\d{2} /;

/** A note with its day, where it stands on its own, outside of the axis. */
export function withDay(start: string, note: string): string {
  return SAYS_DAY.test(note) ? note : `${start} ${note}`;
}

/** The notes of each bucket that has any, by its index. */
export function notesOf(starts: string[], notes: readonly DayNote[]): Map<number, string[]> {
  const found = new Map<number, string[]>();
  if (starts.length === 0 || !starts.every((start) => DAY.test(start))) return found;
  const past = end(starts);
  const single = new Set(starts).size === starts.length && starts.every((start, at) => at === 0 || instant(start) - instant(starts[at - 1] ?? "") === DAY_MILLIS);
  for (const { day, note } of notes.toReversed()) {
    const at = starts.findLastIndex((start) => start <= day);
    if (at === -1 || instant(day) >= past) continue;
    // Of a week or month the day itself is worth saying.
    const text = single ? note : `${day} ${note}`;
    found.set(at, [...(found.get(at) ?? []), text]);
  }
  return found;
}
