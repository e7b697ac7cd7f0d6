// One tab at a time: the browser's locks where it has them, else a lease in the storage.
// Should two tabs ever send the same message, the server counts it once by its id.

import type { Store, Timer } from './world';

const LEASE_KEY = 'siyu.lease';
/** Longer than a request may take. */
export const LEASE_MILLIS = 40_000;
const RENEW_MILLIS = 10_000;
const LOOK_AGAIN_MILLIS = 250;
/** Time for the writes of two tabs to be seen by both. */
const SETTLE_MILLIS = 40;
const ATTEMPTS_MAX = 160;

export interface Clockwork {
  now(): number;
  chance(): number;
  after(millis: number, run: () => void): Timer;
  cancel(timer: Timer): void;
}

/** Rejects if another page keeps the lease for too long. */
export async function leased(store: Store, clock: Clockwork, owner: string, run: () => Promise<void>): Promise<void> {
  const pause = (millis: number): Promise<void> => new Promise((resolve) => void clock.after(millis, resolve));
  const claim = (): void => void store.set(LEASE_KEY, `${owner} ${clock.now() + LEASE_MILLIS}`);
  const holder = (): string => {
    const [who, until] = (store.get(LEASE_KEY) ?? '').split(' ');
    const left = Number(until) - clock.now();
    // A lease that lasts longer than any lease was made before the clock was set back.
    return who && left > 0 && left <= LEASE_MILLIS ? who : '';
  };
  for (let attempt = 0; ; attempt++) {
    if (holder() === '') {
      claim();
      await pause(SETTLE_MILLIS * (1 + clock.chance()));
      if (holder() === owner) break;
    }
    if (attempt >= ATTEMPTS_MAX) throw new Error('another page keeps the queue');
    await pause(LOOK_AGAIN_MILLIS * (1 + clock.chance()));
  }
  let timer = clock.after(RENEW_MILLIS, function renew() {
    claim();
    timer = clock.after(RENEW_MILLIS, renew);
  });
  try {
    await run();
  } finally {
    clock.cancel(timer);
    if (holder() === owner) store.remove(LEASE_KEY);
  }
}
