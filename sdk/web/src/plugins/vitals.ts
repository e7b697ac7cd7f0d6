// How fast the page felt: LCP, INP, CLS, with FCP and TTFB beside them, told once, when
// the page is first hidden. Definitions: web.dev/articles/vitals.

import type { Plugin } from '../options';

interface Shift extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
}
interface Interaction extends PerformanceEntry {
  interactionId?: number;
}

/** Interactions shorter than this are not looked at. */
const INTERACTION_MILLIS_LEAST = 40;
const SLOWEST_KEPT = 10;
/** One slow interaction in fifty is forgiven. */
const INTERACTIONS_FORGIVEN_EACH = 50;
const SHIFT_GAP_MILLIS = 1_000;
const SHIFT_WINDOW_MILLIS = 5_000;

/** CLS: the worst burst of shifts, at most 5 s long, with gaps below 1 s. */
export function worstShift(shifts: { startTime: number; value: number }[]): number {
  let worst = 0;
  let sum = 0;
  let first = 0;
  let last = -Infinity;
  for (const { startTime, value } of shifts) {
    const same = startTime - last < SHIFT_GAP_MILLIS && startTime - first < SHIFT_WINDOW_MILLIS;
    if (!same) [sum, first] = [0, startTime];
    sum += value;
    last = startTime;
    worst = Math.max(worst, sum);
  }
  return worst;
}

/** INP: the slowest interaction, one in fifty left out. `slowest` falls. */
export function interactionMillis(slowest: number[], count: number): number | undefined {
  return slowest[Math.min(slowest.length - 1, Math.floor(count / INTERACTIONS_FORGIVEN_EACH))];
}

export function vitals(): Plugin {
  return {
    name: 'vitals',
    start({ track, onLeave }) {
      let largest: number | undefined;
      let first: number | undefined;
      let told = false;
      const shifts: Shift[] = [];
      const interactions = new Map<number, number>();
      let highest = 0;
      let lowest = Infinity;
      const watch = (type: string, seen: (entry: PerformanceEntry) => void, more = {}): PerformanceObserver | null => {
        try {
          const observer = new PerformanceObserver((list) => list.getEntries().forEach(seen));
          observer.observe({ type, buffered: true, ...more } as PerformanceObserverInit);
          return observer;
        } catch {
          // Not known to this browser.
          return null;
        }
      };
      const seenInteraction = (entry: Interaction): void => {
        if (!entry.interactionId) return;
        highest = Math.max(highest, entry.interactionId);
        lowest = Math.min(lowest, entry.interactionId);
        interactions.set(entry.interactionId, Math.max(interactions.get(entry.interactionId) ?? 0, entry.duration));
        if (interactions.size <= SLOWEST_KEPT) return;
        const [fastest] = [...interactions].sort((one, other) => one[1] - other[1]);
        if (fastest) interactions.delete(fastest[0]);
      };
      const watches = [
        watch('largest-contentful-paint', (entry) => (largest = entry.startTime)),
        watch('layout-shift', (entry) => void ((entry as Shift).hadRecentInput || shifts.push(entry as Shift))),
        watch('paint', (entry) => void (entry.name === 'first-contentful-paint' && (first = entry.startTime))),
        watch('event', seenInteraction, { durationThreshold: INTERACTION_MILLIS_LEAST }),
        watch('first-input', seenInteraction),
      ];
      onLeave(() => {
        if (told) return;
        told = true;
        watches.forEach((observer) => observer?.disconnect());
        const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
        const slowest = [...interactions.values()].sort((one, other) => other - one);
        // Ids of interactions grow by seven in Chromium.
        const count = interactions.size > 0 ? (highest - lowest) / 7 + 1 : 0;
        const round = (millis: number | undefined): number | undefined => (millis === undefined ? undefined : Math.round(millis));
        track('web_vitals', {
          lcp_millis: round(largest),
          inp_millis: round(interactionMillis(slowest, count)),
          cls: Math.round(worstShift(shifts) * 10_000) / 10_000,
          fcp_millis: round(first),
          ttfb_millis: round(navigation?.responseStart),
        });
      });
    },
  };
}
