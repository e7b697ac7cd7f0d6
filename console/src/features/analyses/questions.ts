/** Rules about questions. The address may hold anything; what is not a question is no question. */
import type { AnalysisQuery, EventMatch, Kind, Measure, PersonMeasure, QueryOf } from "../../api/types";
import { ANY_EVENT, isFilterComplete } from "../../condition/sentence";

const NONE: EventMatch = { event: "", filters: [] };
const ANY: EventMatch = { event: ANY_EVENT, filters: [] };
const MONTH = { kind: "last_days", days: 30 } as const;
const DAY_SECONDS = 86_400;

/** A question of each kind to begin with. */
export const NEW: { [K in Kind]: QueryOf<K> } = {
  trend: { series: [{ ...NONE, measure: { kind: "count" } }], range: MONTH, interval: "day" },
  funnel: { steps: [NONE, NONE], range: MONTH, window: { kind: "elapsed", seconds: 7 * DAY_SECONDS }, must_increase: false },
  retention: { start: ANY, back: ANY, range: { kind: "last_days", days: 14 }, interval: "day", periods: 7, entry: "first_in_range", clock: "calendar", rolling: false },
  lifecycle: { event: ANY, range: MONTH, interval: "day" },
  stickiness: { event: ANY, range: MONTH, interval: "day" },
  distribution: { event: NONE, measure: { kind: "count" }, range: MONTH },
  interval: { from: NONE, to: NONE, range: MONTH, interval: "day", limit_seconds: 7 * DAY_SECONDS, pairing: "latest" },
  session: { event: ANY, range: MONTH, interval: "day", gap_seconds: 1_800 },
  path: { events: [ANY], anchor: { kind: "beginning" }, range: { kind: "last_days", days: 7 }, gap_seconds: 1_800, collapse: true, steps: 5, nodes: 6 },
};

/** The events a question speaks of, in order. */
const EVENTS: { [K in Kind]: (query: QueryOf<K>) => EventMatch[] } = {
  trend: (query) => query.series,
  funnel: (query) => [...query.steps, ...query.steps.flatMap((step) => step.or ?? []), ...(query.exclusions ?? [])],
  retention: (query) => [query.start, query.back],
  lifecycle: (query) => [query.event],
  stickiness: (query) => [query.event],
  distribution: (query) => [query.event],
  interval: (query) => [query.from, query.to],
  session: (query) => [query.event],
  path: (query) => [...query.events, ...(query.anchor.kind === "beginning" ? [] : [query.anchor.event])],
};

export const KINDS = Object.keys(NEW) as Kind[];

export function eventsOf<K extends Kind>(kind: K, query: QueryOf<K>): EventMatch[] {
  return EVENTS[kind](query);
}

function isEvent(value: unknown): value is EventMatch {
  return typeof value === "object" && value !== null && typeof (value as EventMatch).event === "string" && Array.isArray((value as EventMatch).filters);
}

/** The question the address holds, if it is one of this kind. */
export function questionFrom<K extends Kind>(kind: K, query: AnalysisQuery | undefined): QueryOf<K> | null {
  if (query?.kind !== kind) return null;
  const { kind: _, ...rest } = query;
  const asked = { ...NEW[kind], ...rest } as QueryOf<K>;
  try {
    const events = eventsOf(kind, asked);
    return events.length > 0 && events.every(isEvent) ? asked : null;
  } catch {
    return null;
  }
}

/** Nothing is left to choose. */
export function isComplete<K extends Kind>(kind: K, query: QueryOf<K>): boolean {
  const measures = "series" in query ? query.series.map((series) => series.measure) : "measure" in query ? [query.measure] : [];
  const measured = measures.every((measure: Measure | PersonMeasure) => !("property" in measure) || measure.property !== "");
  return measured && eventsOf(kind, query).every((event) => event.event !== "" && event.filters.every(isFilterComplete));
}

/** A, B, C … as in the legend. */
export function letter(index: number): string {
  return String.fromCharCode(65 + index);
}
