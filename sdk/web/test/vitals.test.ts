import { expect, test } from 'vitest';
import { interactionMillis, worstShift } from '../src/plugins/vitals';

test.each([
  ['none', [], 0],
  ['one burst', [[0, 0.1], [500, 0.2], [1_400, 0.1]], 0.4],
  ['two bursts', [[0, 0.3], [2_000, 0.1], [2_500, 0.1]], 0.3],
  ['a burst that is cut after five seconds', [0, 900, 1_800, 2_700, 3_600, 4_500, 5_400].map((time) => [time, 0.1]), 0.6],
])('CLS of %s', (_, shifts, expected) =>
  expect(worstShift((shifts as [number, number][]).map(([startTime, value]) => ({ startTime, value })))).toBeCloseTo(expected as number),
);

test.each([
  [[], 0, undefined],
  [[200], 1, 200],
  [[500, 200, 90], 49, 500],
  [[500, 200, 90], 50, 200],
  [[500, 200, 90], 1_000, 90],
])('INP of %j among %i', (slowest, count, expected) => expect(interactionMillis(slowest as number[], count)).toBe(expected));
