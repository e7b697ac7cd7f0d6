/** Rules about questions. The address may hold anything; what is not a question is no question. */
import type { AnalysisQuery, Breakdown, CrosstabDimension, EventMatch, Gain, Kind, Measure, PersonMeasure, QueryOf } from "../../api/types";
import { ANY_EVENT, isFilterComplete } from "../../condition/sentence";

const NONE: EventMatch = { event: "", filters: [] };
const ANY: EventMatch = { event: ANY_EVENT, filters: [] };
const MONTH = { kind: "last_days", days: 30 } as const;
const DAY_SECONDS = 86_400;
const ORDERS_GAIN: Gain = { kind: "orders", filters: [] };

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
  attribution: {
    target: ORDERS_GAIN,
    touches: [{ ...NONE, direct: false }],
    range: MONTH,
    window_seconds: 7 * DAY_SECONDS,
    models: [{ kind: "first" }, { kind: "last" }, { kind: "linear" }, { kind: "markov" }, { kind: "shapley" }],
    direct: { values: [], missing: false, skipped: false },
    consume: false,
    collapse: false,
  },
  revenue: { start: NONE, entry: "first_ever", gain: ORDERS_GAIN, range: { kind: "last_days", days: 90 }, interval: "month", periods: 6, clock: "calendar" },
  crosstab: {
    event: NONE,
    measure: "people",
    range: MONTH,
    rows: { kind: "values", by: { kind: "attribute", name: "" }, top: 10 },
    columns: { kind: "values", by: { kind: "attribute", name: "" }, top: 10 },
  },
  rfm: { gain: ORDERS_GAIN, range: { kind: "last_days", days: 365 }, recency: { kind: "mean" }, frequency: { kind: "mean" }, monetary: { kind: "mean" }, often: "purchases", money: "total" },
  sequence: { steps: [NONE, NONE], range: MONTH, interval: "day", least_times: 1 },
  heatmap: { event: ANY, range: MONTH },
};

/** The events a gain is; orders are not chosen. */
function gainEvents(gain: Gain): EventMatch[] {
  return gain.kind === "event" ? [gain.event] : [];
}

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
  attribution: (query) => [...query.touches, ...gainEvents(query.target)],
  revenue: (query) => [query.start, ...gainEvents(query.gain)],
  crosstab: (query) => (query.event ? [query.event] : []),
  rfm: (query) => gainEvents(query.gain),
  sequence: (query) => query.steps.flatMap((step) => [step, ...(step.without ? [step.without] : [])]),
  heatmap: (query) => [query.event],
};

export const KINDS = Object.keys(NEW) as Kind[];
/** Questions of people or orders alone, which speak of no event. */
const MAY_LACK: Kind[] = ["crosstab", "rfm"];

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
    return (events.length > 0 || MAY_LACK.includes(kind)) && events.every(isEvent) ? asked : null;
  } catch {
    return null;
  }
}

/** Nothing is left to choose. */
export function isComplete<K extends Kind>(kind: K, query: QueryOf<K>): boolean {
  const measures = "series" in query ? query.series.map((series) => series.measure) : "measure" in query && typeof query.measure !== "string" ? [query.measure] : [];
  const measured = measures.every((measure: Measure | PersonMeasure) => !("property" in measure) || measure.property !== "");
  const dimensions = "columns" in query ? [query.rows, query.columns] : [];
  return measured && gainsOf(query).every(isGainComplete) && dimensions.every(isDimensionComplete) && eventsOf(kind, query).every((event) => event.event !== "" && event.filters.every(isFilterComplete));
}

function gainsOf(query: QueryOf<Kind>): Gain[] {
  if ("gain" in query) return [query.gain];
  return "target" in query ? [query.target] : [];
}

function isGainComplete(gain: Gain): boolean {
  return gain.kind === "event" ? gain.worth !== "" : gain.filters.every(isFilterComplete);
}

function isDimensionComplete(dimension: CrosstabDimension): boolean {
  if (dimension.kind === "segments") return dimension.segments.length > 0;
  return isNamed(dimension.by);
}

/** Whether something has been chosen to split by. */
export function isNamed(by: Breakdown): boolean {
  return !("name" in by) || by.name !== "";
}

/** Between the events of a question: they follow one another, or stand beside each other. */
export function between(kind: Kind): string {
  return kind === "trend" || kind === "path" ? " · " : " → ";
}

/** Whether two questions ask the same: what is left to its default is as if it stood there. */
export function sameQuestion(one: AnalysisQuery, other: AnalysisQuery): boolean {
  return plain({ ...NEW[one.kind], ...one }) === plain({ ...NEW[other.kind], ...other });
}

/** In one order, without what says nothing. */
function plain(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part ?? undefined;
    return Object.fromEntries(Object.entries(part).filter(([, inner]) => inner !== null && inner !== undefined && !(Array.isArray(inner) && inner.length === 0)).toSorted(([a], [b]) => a.localeCompare(b)));
  });
}

/** A, B, C … as in the legend. */
export function letter(index: number): string {
  return String.fromCharCode(65 + index);
}
