/** How fast an import goes, from what is seen of it now and then. */

/** Old looks weigh less, so that the rate follows what happens now. */
const WEIGHT = 0.4;

export interface Look {
  at: number;
  rows: number;
  rate: number | null;
}

/** Rows per second, from one look to the next. */
export function nextLook(before: Look | null, rows: number, at: number): Look {
  if (!before || rows < before.rows) return { at, rows, rate: null };
  if (rows === before.rows || at <= before.at) return before;
  const now = ((rows - before.rows) * 1000) / (at - before.at);
  const rate = before.rate === null ? now : before.rate * (1 - WEIGHT) + now * WEIGHT;
  return { at, rows, rate };
}
