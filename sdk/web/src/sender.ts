// Sends the queue: in batches, soon but not at once, and again when it failed.

import { utf8Bytes } from './message';
import type { Queue } from './queue';
import type { Entry, Reply, Timer, World } from './world';

export interface Pace {
  /** A batch is sent when so many wait, or after this time. */
  batchMessages: number;
  batchMillis: number;
  /** Bodies as gzip, where the browser can. */
  compress: boolean;
}

/** Messages of one request. */
export const BATCH_MESSAGES = 50;
/** Browsers refuse more than 64 KiB in all from a page that is being left. */
const LEAVING_BYTES_MAX = 60_000;
const BATCH_BYTES = 56_000;
const ENVELOPE_BYTES = 64;
const COMPRESS_FROM_BYTES = 1_024;
export const RETRY_FIRST_MILLIS = 1_000;
export const RETRY_MAX_MILLIS = 5 * 60_000;
/** So many messages in a row refused alone, and it is not the messages. */
const SUSPECTS_MAX = 5;
const RETRY_LEAST_MILLIS = 200;
const ASKED_MAX_MILLIS = 24 * 3_600_000;
/** Until when the server wants to be left alone; all tabs keep to it. */
const PAUSE_KEY = 'siyu.pause';

type Flying = Entry & { flying: boolean; mine: boolean };

/** What an answer means for what was sent. */
export type Verdict = 'kept' | 'later' | 'closed' | 'refused' | 'doubtful';

/** Success is only what siyu itself says: a wrong address, a log-in page of a
 * hotel network or a proxy may answer 200 as well. */
export function verdictOf(reply: Reply): Verdict {
  const { status } = reply;
  const said = parsed(reply.body);
  if (status >= 200 && status < 300) return typeof said['accepted'] === 'number' ? 'kept' : 'closed';
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'later';
  // The key or the address is wrong, which somebody may mend.
  if (status < 400 || status === 401 || status === 404 || status === 407) return 'closed';
  return typeof said['error'] === 'object' && status !== 403 ? 'refused' : 'doubtful';
}

/** Milliseconds that the server asks to wait. Pages of other origins may not read
 * the header, so the answer repeats it. */
export function askedMillis(reply: Reply, now: number): number {
  const error = parsed(reply.body)['error'] as { params?: Record<string, string> } | undefined;
  const text = reply.retryAfter ?? error?.params?.['retry_after_seconds'];
  if (!text) return 0;
  const seconds = Number(text);
  const millis = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now;
  return Number.isFinite(millis) ? Math.min(Math.max(millis, 0), ASKED_MAX_MILLIS) : 0;
}

function parsed(body: string): Record<string, unknown> {
  try {
    return (JSON.parse(body) as Record<string, unknown> | null) ?? {};
  } catch {
    return {};
  }
}

export class Sender {
  private timer: Timer | null = null;
  private due = 0;
  private running: Promise<void> | null = null;
  private failures = 0;
  private notBefore = 0;
  private batch = BATCH_MESSAGES;
  private leaving = 0;
  /** Messages that were refused alone, while it is tried whether others pass. */
  private suspects = new Set<string>();

  constructor(
    private world: World,
    private queue: Queue,
    private url: string,
    private pace: Pace,
    /** False while nothing may be sent. */
    private may: () => boolean,
    private refused: (count: number) => void,
    private heard: (reply: Reply, batch: Entry[]) => void,
  ) {
    world.onTold((keys) => void queue.strike(keys));
    world.onOnline(() => {
      this.notBefore = 0;
      this.plan(0);
    });
    void queue.ready().then(() => {
      if (queue.inherited) this.plan(0);
    });
  }

  /** Called after a message was queued. */
  queued(): void {
    this.plan(this.queue.length >= this.pace.batchMessages ? 0 : this.pace.batchMillis);
  }

  /** Sends until the queue is empty or something fails. */
  flush(): Promise<void> {
    this.running ??= this.world
      .exclusive(() => this.drain())
      .catch(() => this.backOff(0))
      .then(() => {
        this.running = null;
        if (this.queue.head(1, BATCH_BYTES).length > 0) this.plan(this.failures > 0 ? 0 : this.pace.batchMillis);
      });
    return this.running;
  }

  /** The page may be gone in a moment. What is not confirmed stays stored and is
   * sent again on the next visit; the ids keep it from counting twice. */
  leave(): void {
    if (!this.may()) return;
    this.queue.spill();
    if (this.waitMillis(true) > 0) return;
    const batch = this.queue.head(Infinity, LEAVING_BYTES_MAX - ENVELOPE_BYTES - this.leaving, true);
    if (batch.length === 0) return;
    const body = this.body(batch);
    void this.post(batch, body, true, false).then(
      (reply) => this.answered(batch, reply),
      () => void this.world.beacon(this.url, body),
    );
  }

  private plan(millis: number): void {
    const wait = Math.max(millis, this.waitMillis(false));
    if (this.timer !== null) {
      if (this.due <= this.world.tick() + wait) return;
      this.world.cancel(this.timer);
    }
    this.due = this.world.tick() + wait;
    this.timer = this.world.after(wait, () => {
      this.timer = null;
      void this.flush();
    });
  }

  private async drain(): Promise<void> {
    // Browsers cut fractions of a millisecond off and fire a little early.
    if (this.waitMillis(false) > 0) return this.plan(0);
    await this.queue.ready();
    await this.queue.refresh();
    for (;;) {
      // Asked anew each time: consent may have been withdrawn, also in another tab.
      if (!this.may()) return;
      if (!this.world.online()) return this.backOff(0);
      const batch = this.next();
      if (batch.length === 0 || !(await this.sendOne(batch))) return;
    }
  }

  private next(): Flying[] {
    const batch = this.queue.head(this.batch + this.suspects.size, BATCH_BYTES);
    const others = batch.filter((entry) => !this.suspects.has(entry.key)).slice(0, this.batch);
    return others.length > 0 ? others : batch.slice(0, 1);
  }

  private async sendOne(batch: Flying[]): Promise<boolean> {
    const body = this.body(batch);
    let reply: Reply;
    try {
      // A request that outlives the page needs no second sending, but some browsers
      // refuse what others of the page have used up.
      reply = await this.post(batch, body, this.failures === 0, this.pace.compress);
    } catch {
      this.backOff(0);
      return false;
    }
    return this.answered(batch, reply);
  }

  private async post(batch: Flying[], body: string, keepalive: boolean, compress: boolean): Promise<Reply> {
    const bytes = utf8Bytes(body);
    const live = keepalive && this.leaving + bytes <= LEAVING_BYTES_MAX;
    if (live) this.leaving += bytes;
    batch.forEach((entry) => (entry.flying = true));
    try {
      const pack = compress && bytes >= COMPRESS_FROM_BYTES;
      const packed = pack ? await this.world.gzip(body)?.catch(() => undefined) : undefined;
      return await this.world.post(this.url, packed ?? body, live);
    } finally {
      if (live) this.leaving -= bytes;
      batch.forEach((entry) => (entry.flying = false));
    }
  }

  private async answered(batch: Flying[], reply: Reply): Promise<boolean> {
    const verdict = verdictOf(reply);
    if (verdict === 'kept') {
      this.failures = 0;
      this.batch = Math.min(BATCH_MESSAGES, this.batch * 2);
      // Else the tab that made them would send them again when it is left.
      const others = batch.filter((entry) => !entry.mine).map((entry) => entry.key);
      if (others.length > 0) this.world.tell(others);
      await this.queue.remove(batch);
      batch.forEach((entry) => this.suspects.delete(entry.key));
      await this.acquit();
      this.heard(reply, batch);
      return true;
    }
    this.heard(reply, batch);
    if (verdict === 'refused' || verdict === 'doubtful') return this.isolate(batch, verdict);
    this.backOff(askedMillis(reply, this.world.now()));
    return false;
  }

  /** A batch was refused: halves it until one message stands alone. That one is
   * dropped if siyu itself refused it. If something in between did, it is dropped
   * once another one passes, for else the way is closed to all. */
  private async isolate(batch: Flying[], verdict: Verdict): Promise<boolean> {
    if (batch.length > 1) {
      this.batch = Math.ceil(batch.length / 2);
      return true;
    }
    const [alone] = batch;
    if (!alone) return false;
    if (verdict === 'refused') {
      await this.queue.remove(batch);
      this.refused(1);
      return true;
    }
    this.batch = 1;
    const again = this.suspects.has(alone.key);
    this.suspects.add(alone.key);
    if (!again && this.suspects.size < SUSPECTS_MAX) return true;
    this.suspects.clear();
    this.backOff(0);
    return false;
  }

  /** Another one passed, so it is the suspects themselves that were refused. */
  private async acquit(): Promise<void> {
    const gone = [...this.suspects].map((key) => ({ key, text: '' }));
    this.suspects.clear();
    if (gone.length === 0) return;
    await this.queue.remove(gone);
    this.refused(gone.length);
  }

  private backOff(asked: number): void {
    const most = Math.min(RETRY_FIRST_MILLIS * 2 ** this.failures, RETRY_MAX_MILLIS);
    this.failures += 1;
    // All of it by chance, so that pages do not come back all at once; and what
    // the server asks for is spread as well.
    const own = Math.max(RETRY_LEAST_MILLIS, most * this.world.chance());
    const told = asked * (1 + this.world.chance() / 10);
    this.notBefore = this.world.tick() + Math.max(own, told);
    if (asked > 0) this.world.storage?.set(PAUSE_KEY, `${this.world.now() + told} ${told}`);
  }

  /** How long nothing is to be sent; `told`: because the server said so. */
  private waitMillis(told: boolean): number {
    const [until, length] = (this.world.storage?.get(PAUSE_KEY) ?? '').split(' ').map(Number);
    // More than was asked for: the clock was set back meanwhile.
    const left = (until || 0) - this.world.now();
    const pause = left <= (length || 0) ? left : 0;
    return Math.max(told ? 0 : this.notBefore - this.world.tick(), pause, 0);
  }

  private body(batch: Entry[]): string {
    return `{"batch":[${batch.map((entry) => entry.text).join(',')}],"sent_at":${this.world.now()}}`;
  }
}
