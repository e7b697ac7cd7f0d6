// Sends the queue: in batches, soon but not at once, and again when it failed.

import type { Queue, Waiting } from './queue';
import type { Reply, Timer, World } from './world';

/** A batch is sent when so many wait, or after this time. */
export const BATCH_MESSAGES = 50;
const SEND_AT_MESSAGES = 20;
const SEND_AFTER_MILLIS = 3_000;
/** Browsers refuse more than 64 KiB from a page that is being left. */
const BATCH_BYTES = 56_000;
const RETRY_FIRST_MILLIS = 1_000;
const RETRY_MAX_MILLIS = 5 * 60_000;

export class Sender {
  private timer: Timer | null = null;
  private sending = false;
  private failures = 0;
  private notBefore = 0;
  private batch = BATCH_MESSAGES;

  constructor(
    private world: World,
    private queue: Queue,
    private url: string,
  ) {
    world.onLeave(() => this.leave());
    world.onOnline(() => {
      this.notBefore = 0;
      this.plan(0);
    });
    if (queue.length > 0) this.plan(0);
  }

  /** Called after a message was queued. */
  queued(): void {
    this.plan(this.queue.length >= SEND_AT_MESSAGES ? 0 : SEND_AFTER_MILLIS);
  }

  private plan(millis: number): void {
    const wait = Math.max(millis, this.notBefore - this.world.now(), 0);
    if (this.timer !== null) {
      if (wait > 0) return;
      this.world.cancel(this.timer);
    }
    this.timer = this.world.after(wait, () => {
      this.timer = null;
      void this.flush();
    });
  }

  /** Sends until the queue is empty or something fails. */
  async flush(): Promise<void> {
    if (this.sending) return;
    if (this.world.now() < this.notBefore) {
      // Browsers cut fractions of a millisecond off and fire a little early.
      this.plan(0);
      return;
    }
    this.sending = true;
    try {
      while (this.queue.length > 0 && (await this.sendOne()));
    } finally {
      this.sending = false;
    }
    if (this.queue.length > 0) this.plan(0);
  }

  private async sendOne(): Promise<boolean> {
    const batch = this.queue.head(this.batch, BATCH_BYTES);
    let reply: Reply;
    try {
      reply = await this.world.post(this.url, this.body(batch), false);
    } catch {
      this.backOff(null);
      return false;
    }
    return this.answered(batch, reply);
  }

  private answered(batch: Waiting[], reply: Reply): boolean {
    const { status } = reply;
    if (status >= 200 && status < 300) {
      this.queue.remove(batch);
      this.failures = 0;
      this.batch = BATCH_MESSAGES;
      return true;
    }
    if (status === 413 && batch.length > 1) {
      this.batch = Math.ceil(batch.length / 2);
      return true;
    }
    // A body the server will never take; a refused key may be mended.
    if (status === 400 || status === 413 || status === 422) {
      this.queue.remove(batch);
      return true;
    }
    this.backOff(reply.retryAfter);
    return false;
  }

  private backOff(retryAfter: string | null): void {
    const most = Math.min(RETRY_FIRST_MILLIS * 2 ** this.failures, RETRY_MAX_MILLIS);
    this.failures += 1;
    // Half of it by chance, so that pages do not come back all at once.
    const own = most / 2 + (most / 2) * this.world.chance();
    this.notBefore = this.world.now() + Math.max(own, this.asked(retryAfter));
  }

  /** Retry-After: seconds or a date. */
  private asked(retryAfter: string | null): number {
    if (!retryAfter) return 0;
    const seconds = Number(retryAfter);
    const millis = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - this.world.now();
    return Number.isFinite(millis) ? Math.min(Math.max(millis, 0), 24 * 3_600_000) : 0;
  }

  /** The page may be gone in a moment. What is not confirmed stays stored and is
   * sent again on the next visit; the ids keep it from counting twice. */
  private leave(): void {
    const batch = this.queue.head(BATCH_MESSAGES, BATCH_BYTES);
    if (batch.length === 0) return;
    const body = this.body(batch);
    this.world.post(this.url, body, true).then(
      (reply) => this.answered(batch, reply),
      () => this.world.beacon(this.url, body),
    );
  }

  private body(batch: Waiting[]): string {
    return `{"batch":[${batch.map((entry) => entry.text).join(',')}],"sent_at":${this.world.now()}}`;
  }
}
