// What waits to be sent. Each message is an entry of its own in the browser's
// storage, so that two tabs cannot overwrite each other's queues; a message that
// two tabs send is counted once by its id.

import type { Message } from './message';
import type { Store } from './world';

const PREFIX = 'siyu.queue.';
/** Beyond this the oldest go: the page must never fill the storage. */
export const MESSAGES_MAX = 1000;

export interface Waiting {
  key: string;
  text: string;
}

export class Queue {
  private waiting: Waiting[] = [];
  private written = 0;

  constructor(private store: Store | null) {
    for (const key of store?.keys() ?? []) {
      const text = key.startsWith(PREFIX) ? store?.get(key) : null;
      if (text) this.waiting.push({ key, text });
    }
    this.waiting.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  get length(): number {
    return this.waiting.length;
  }

  push(message: Message): void {
    const order = `${message.time.toString(36).padStart(9, '0')}.${(this.written++).toString(36).padStart(5, '0')}`;
    const entry = { key: `${PREFIX}${order}.${message.id}`, text: JSON.stringify(message) };
    this.waiting.push(entry);
    // Full storage is no reason to lose it: it stays in memory.
    this.store?.set(entry.key, entry.text);
    if (this.waiting.length > MESSAGES_MAX) {
      this.remove(this.waiting.slice(0, this.waiting.length - MESSAGES_MAX));
    }
  }

  /** The oldest messages, within both limits; at least one if any waits. */
  head(count: number, bytes: number): Waiting[] {
    const chosen: Waiting[] = [];
    let size = 0;
    for (const entry of this.waiting) {
      // Three bytes hold any letter of the text.
      size += entry.text.length * (/^[\x00-\x7f]*$/.test(entry.text) ? 1 : 3);
      if (chosen.length > 0 && (chosen.length >= count || size > bytes)) break;
      chosen.push(entry);
    }
    return chosen;
  }

  remove(entries: Waiting[]): void {
    const gone = new Set(entries.map((entry) => entry.key));
    this.waiting = this.waiting.filter((entry) => !gone.has(entry.key));
    gone.forEach((key) => this.store?.remove(key));
  }

  clear(): void {
    this.remove(this.waiting);
  }
}
