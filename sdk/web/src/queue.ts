// What waits to be sent, in the order of making. It lives on the shelf that all tabs
// share; this page's own messages are also in memory until the server has them.

import { utf8Bytes, type Message } from './message';
import { storeShelf } from './shelf';
import type { Entry, Shelf, Store } from './world';

/** Beyond these the oldest go: the page must never fill the storage. */
export const MESSAGES_MAX = 1_000;
export const BYTES_MAX = 2_000_000;
/** Keys known to be delivered, in case the shelf does not forget them. */
const DONE_MAX = 5_000;

export type Loss = 'full' | 'refused' | 'unreadable';

interface Waiting extends Entry {
  bytes: number;
  /** Made by this page. */
  mine: boolean;
  /** On a shelf, as far as this page knows. */
  saved: boolean;
  /** On its way to the server. */
  flying: boolean;
}

export class Queue {
  private waiting: Waiting[] = [];
  private shelves: Shelf[] = [];
  private local: ReturnType<typeof storeShelf> | null;
  private opened: Promise<void>;
  private saving: Promise<void> | null = null;
  private done = new Set<string>();
  private last = 0;
  private size = 0;

  constructor(
    store: Store | null,
    shelf: Promise<Shelf | null>,
    private lost: (count: number, why: Loss) => void,
    private limits: { messages: number; bytes: number } = { messages: MESSAGES_MAX, bytes: BYTES_MAX },
  ) {
    this.local = store && storeShelf(store);
    this.opened = shelf
      .catch(() => null)
      .then((opened) => {
        this.shelves = [opened, this.local].filter((one): one is Shelf => one !== null);
        return this.refresh();
      });
  }

  get length(): number {
    return this.waiting.length;
  }

  /** Whether earlier pages or other tabs have left something. */
  get inherited(): boolean {
    return this.waiting.some((entry) => !entry.mine);
  }

  /** Settles when what earlier pages left is known. */
  ready(): Promise<void> {
    return this.opened;
  }

  push(message: Message): void {
    // Later than everything before, even if somebody has set the clock back.
    this.last = Math.max(Math.floor(message.time), this.last + 1);
    const text = JSON.stringify(message);
    this.insert({ key: `${this.last.toString(36).padStart(10, '0')}.${message.id}`, text }, true);
    this.trim();
    void this.opened.then(() => this.save());
  }

  /** The oldest messages within both limits; at least one if any waits.
   * `mine`: only those of this page. */
  head(count: number, bytes: number, mine = false): Waiting[] {
    const chosen: Waiting[] = [];
    let size = 0;
    for (const entry of this.waiting) {
      if (entry.flying || (mine && !entry.mine)) continue;
      size += entry.bytes + 1;
      if (chosen.length >= count || (size > bytes && (mine || chosen.length > 0))) break;
      chosen.push(entry);
    }
    return chosen;
  }

  async remove(entries: Entry[]): Promise<void> {
    await this.erase(this.strike(entries.map((entry) => entry.key)));
  }

  /** These are delivered: forgets them here. */
  strike(list: string[]): string[] {
    const keys = new Set(list);
    if (this.done.size + keys.size > DONE_MAX) this.done.clear();
    keys.forEach((key) => this.done.add(key));
    this.keep((entry) => !keys.has(entry.key));
    return list;
  }

  async clear(): Promise<void> {
    const { last } = this;
    await this.remove(this.waiting);
    await this.opened;
    // A save that was under way has brought them back; other tabs have their own.
    await this.saving;
    const { entries } = await this.stored();
    await this.remove(entries.filter((entry) => !(orderOf(entry.key) > last)));
  }

  /** Changes what waits, as a withdrawn consent asks. */
  async change(edit: (message: Message) => void): Promise<void> {
    await this.refresh();
    for (const entry of this.waiting) {
      const message = JSON.parse(entry.text) as Message;
      edit(message);
      entry.text = JSON.stringify(message);
      entry.saved = false;
    }
    await this.save();
  }

  /** Learns what other tabs have added and sent. */
  async refresh(): Promise<void> {
    await this.saving;
    const before = new Set(this.waiting.filter((entry) => entry.saved).map((entry) => entry.key));
    const { entries: stored, complete } = await this.stored();
    const there = new Set(stored.map((entry) => entry.key));
    const again = stored.filter((entry) => this.done.has(entry.key));
    if (again.length > 0) await this.erase(again.map((entry) => entry.key));
    if (complete) {
      // What was on a shelf and is gone was sent by another tab.
      this.keep((entry) => there.has(entry.key) || !before.has(entry.key));
    }
    const known = new Set(this.waiting.map((entry) => entry.key));
    const broken: string[] = [];
    for (const entry of stored) {
      if (this.done.has(entry.key) || known.has(entry.key)) continue;
      if (readable(entry)) this.insert(entry, false);
      else broken.push(entry.key);
    }
    if (broken.length > 0) {
      await this.erase(broken);
      this.lost(broken.length, 'unreadable');
    }
    this.trim();
  }

  /** The page may be gone before the database has written: what it has not
   * confirmed is written where it is kept at once. */
  spill(): void {
    for (const entry of this.waiting) if (!entry.saved) this.local?.putNow(entry);
  }

  private insert(entry: Entry, mine: boolean): void {
    const place = this.waiting.findIndex((one) => one.key > entry.key);
    const bytes = utf8Bytes(entry.text);
    this.size += bytes;
    const waiting = { key: entry.key, text: entry.text, bytes, mine, saved: !mine, flying: false };
    this.waiting.splice(place < 0 ? this.waiting.length : place, 0, waiting);
    this.last = Math.max(this.last, orderOf(entry.key));
  }

  private keep(stays: (entry: Waiting) => boolean): void {
    this.waiting = this.waiting.filter(stays);
    this.size = this.waiting.reduce((sum, entry) => sum + entry.bytes, 0);
  }

  private trim(): void {
    const gone: Waiting[] = [];
    let { length } = this.waiting;
    let size = this.size;
    for (const entry of this.waiting) {
      if (length <= this.limits.messages && size <= this.limits.bytes) break;
      if (entry.flying) continue;
      gone.push(entry);
      length -= 1;
      size -= entry.bytes;
    }
    if (gone.length === 0) return;
    void this.remove(gone);
    this.lost(gone.length, 'full');
  }

  /** One write for all that came since the last one. */
  private save(): Promise<void> {
    this.saving ??= this.write().then(() => {
      this.saving = null;
    });
    return this.saving;
  }

  private async write(): Promise<void> {
    for (;;) {
      const entries = this.waiting.filter((entry) => !entry.saved);
      if (entries.length === 0) return;
      const texts = entries.map(({ key, text }) => ({ key, text }));
      if (!(await this.put(texts))) return;
      entries.forEach((entry, index) => (entry.saved = entry.text === texts[index]?.text));
      // Delivered or dropped while it was being written.
      const late = entries.filter((entry) => this.done.has(entry.key));
      if (late.length > 0) await this.erase(late.map((entry) => entry.key));
    }
  }

  private async put(entries: Entry[]): Promise<boolean> {
    for (const shelf of this.shelves) {
      try {
        await shelf.put(entries);
        return true;
      } catch {
        // Full, forbidden or broken: the next one may take it.
      }
    }
    // They stay in memory, and are tried again with the next message.
    return false;
  }

  private async erase(keys: string[]): Promise<void> {
    // A shelf that does not forget is asked again at the next look; `done` keeps
    // the message from being sent meanwhile.
    await Promise.all(this.shelves.map((shelf) => shelf.remove(keys).catch(() => undefined)));
  }

  private async stored(): Promise<{ entries: Entry[]; complete: boolean }> {
    const found = new Map<string, Entry>();
    let complete = true;
    for (const shelf of this.shelves) {
      try {
        for (const entry of await shelf.all()) found.set(entry.key, entry);
      } catch {
        complete = false;
      }
    }
    return { entries: [...found.values()], complete };
  }
}

const KEY = /^[0-9a-z]{10}\./;

function orderOf(key: string): number {
  return parseInt(key, 36);
}

function readable(entry: Entry): boolean {
  try {
    if (!KEY.test(entry.key)) return false;
    const message = JSON.parse(entry.text) as Partial<Message> | null;
    return typeof message?.type === 'string' && typeof message.id === 'string';
  } catch {
    return false;
  }
}
