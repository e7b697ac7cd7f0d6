/** From a flat timeline to days and visits. */
import type { TimelineItem } from "../../api/types";

export interface Block {
  /** When the visit began; null for what is no visit. */
  session: string | null;
  items: TimelineItem[];
}

export interface Day {
  day: string;
  count: number;
  blocks: Block[];
}

/**
 * Groups entries, newest first, by day and visit. What has no visit of its own (a message, a note) stands
 * in the visit it falls into.
 */
export function grouped(items: readonly TimelineItem[], dayOf: (at: string) => string): Day[] {
  const sessions = spread(items);
  const days: Day[] = [];
  items.forEach((item, at) => {
    const name = dayOf(item.at);
    let day = days.at(-1);
    if (day?.day !== name) {
      day = { day: name, count: 0, blocks: [] };
      days.push(day);
    }
    day.count += 1;
    const session = sessions[at] ?? null;
    const block = day.blocks.at(-1);
    if (block && session !== null && block.session === session) block.items.push(item);
    else day.blocks.push({ session, items: [item] });
  });
  return days;
}

/** The visit of each entry, also of those between two entries of one visit. */
function spread(items: readonly TimelineItem[]): (string | null)[] {
  const sessions = items.map((item) => item.session ?? null);
  let later: string | null = null;
  let open: number[] = [];
  sessions.forEach((session, at) => {
    if (session === null) {
      open.push(at);
      return;
    }
    if (session === later) for (const between of open) sessions[between] = session;
    open = [];
    later = session;
  });
  return sessions;
}

/** What is seen of a visit that is folded: the first entries, and whatever colleagues wrote in it. */
export function folded(items: readonly TimelineItem[], first: number): TimelineItem[] {
  return items.filter((item, at) => at < first || item.kind === "note");
}

/** How long a visit lasted, in milliseconds. */
export function lasted(block: Block): number {
  const newest = block.items[0];
  const oldest = block.items.at(-1);
  return newest && oldest ? new Date(newest.at).getTime() - new Date(oldest.at).getTime() : 0;
}

/** The most frequent events of a visit, with how often. */
export function frequent(block: Block, most: number): [string, number][] {
  const counts = new Map<string, number>();
  for (const { event } of block.items) if (event) counts.set(event.name, (counts.get(event.name) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1]).slice(0, most);
}

export interface Column {
  /** First and last day it stands for. */
  from: string;
  to: string;
  count: number;
}

const DAY_MILLIS = 86_400_000;

/** Days as at most so many columns of equal width, without gaps, oldest first. */
export function columns(days: readonly { date: string; count: number }[], most: number): Column[] {
  const first = days[0];
  const last = days.at(-1);
  if (!first || !last) return [];
  const start = Date.parse(first.date);
  const span = Math.round((Date.parse(last.date) - start) / DAY_MILLIS) + 1;
  const width = Math.ceil(span / most);
  const date = (day: number) => new Date(start + day * DAY_MILLIS).toISOString().slice(0, 10);
  const all: Column[] = Array.from({ length: Math.ceil(span / width) }, (_, at) => ({ from: date(at * width), to: date(Math.min(span - 1, (at + 1) * width - 1)), count: 0 }));
  for (const day of days) {
    const column = all[Math.floor(Math.round((Date.parse(day.date) - start) / DAY_MILLIS) / width)];
    if (column) column.count += day.count;
  }
  return all;
}
