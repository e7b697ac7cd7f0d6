/** Days of the project's time zone as instants. */

const HOUR = 3_600_000;

/** Remembers the day of each quarter of an hour, within which no zone has a midnight: working one out is dear. */
export function remembered(dayOf: (at: string) => string): (at: string) => string {
  const known = new Map<number, string>();
  return (at) => {
    const quarter = Math.floor(Date.parse(at) / (HOUR / 4));
    const found = known.get(quarter) ?? dayOf(at);
    known.set(quarter, found);
    return found;
  };
}

/** The instant at which a day ends in a zone: the first whose local date is a later one. */
export function dayEnd(day: string, zone: string): string {
  const local = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  // No zone is further than 14 hours from UTC; offsets are whole quarters of an hour.
  let low = Date.parse(day) + 9.5 * HOUR;
  let high = low + 29 * HOUR;
  while (high - low > HOUR / 4) {
    const middle = low + Math.ceil((high - low) / (HOUR / 2)) * (HOUR / 4);
    if (local.format(middle) > day) high = middle;
    else low = middle;
  }
  return new Date(high).toISOString();
}
