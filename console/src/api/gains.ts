/** Questions and answers about what people bring, in what order, and how they are spread; see `analyses.ts`. */
import type { Breakdown, Bucket, EventMatch, EventQuery, Group, Interval } from "./analyses";
import type { components } from "./schema";
import type { DateRange, Millis, PropertyFilter } from "./types";

type S = components["schemas"];

export type Gain = { kind: "event"; event: EventMatch; worth?: string } | { kind: "orders"; filters: PropertyFilter[] };

export type AttributionModel =
  | { kind: "first" | "last" | "last_non_direct" | "linear" | "markov" | "shapley" }
  | { kind: "position"; first: number; last: number }
  | { kind: "time_decay"; half_life_seconds: number };

export interface AttributionTouch extends EventMatch {
  property?: string;
  direct: boolean;
}

export interface AttributionQuery {
  target: Gain;
  touches: AttributionTouch[];
  range: DateRange;
  window_seconds: number;
  link?: string;
  models: AttributionModel[];
  direct: { values: string[]; missing: boolean; skipped: boolean };
  consume: boolean;
  collapse: boolean;
  segment?: number;
}

export type AttributionKey = { kind: "touch"; touch: number } | { kind: "value"; value: string } | { kind: "missing" | "other" | "none" };

export interface AttributionRow {
  key: AttributionKey;
  direct: boolean;
  touches: number;
  people: number;
  conversions: number;
  credits: { conversions: number; value: number }[];
  removal_effect?: number;
}

export interface AttributionResult {
  rows: AttributionRow[];
  conversions: number;
  people: number;
  value: number;
  value_unit: number;
  unconverted: number;
  complete: boolean;
  as_of: Millis;
}

export interface AttributionCell {
  key?: AttributionKey;
  what: { kind: "touched" | "converted" } | { kind: "credited"; model: number };
}

export interface RevenueQuery {
  start: EventMatch;
  entry: "first_in_range" | "first_ever";
  gain: Gain;
  range: DateRange;
  interval: Interval;
  periods: number;
  clock: "calendar" | "elapsed";
  breakdown?: Breakdown;
  segment?: number;
}

export type RevenueColumn = S["RevenueColumn"];

export interface RevenueCohort {
  bucket: Bucket;
  size: number;
  columns: RevenueColumn[];
}

export interface RevenueGroup {
  group: Group;
  size: number;
  value: number;
  cohorts: RevenueCohort[];
  means: { value: number | null; value_so_far: number | null }[];
}

export interface RevenueResult {
  groups: RevenueGroup[];
  value_unit: number;
  as_of: Millis;
}

export interface RevenueCell {
  cohort?: string;
  what: { kind: "started" } | { kind: "paid" | "paid_so_far" | "not_yet"; column: number };
  group: Group;
}

export type CrosstabDimension = { kind: "values"; by: Breakdown; edges?: number[]; top: number } | { kind: "segments"; segments: number[] };

export interface CrosstabQuery {
  event?: EventMatch;
  measure: "people" | "events";
  range: DateRange;
  rows: CrosstabDimension;
  columns: CrosstabDimension;
  segment?: number;
}

export type CrosstabKey = { kind: "value"; value: string } | { kind: "bin"; from: number | null; to: number | null } | { kind: "segment"; segment: number } | { kind: "missing" | "other" };

export interface CrosstabResult {
  rows: CrosstabKey[];
  columns: CrosstabKey[];
  cells: number[][];
  row_totals: number[];
  column_totals: number[];
  total: number;
  complete: boolean;
  as_of: Millis;
}

export interface CrosstabCell {
  row?: CrosstabKey;
  column?: CrosstabKey;
}

export type RfmScale = { kind: "quantile"; parts: number } | { kind: "cuts"; cuts: number[] } | { kind: "mean" | "median" };
export type RfmClass = S["RfmClass"];
export type RfmPeople = { people: number; count: number; value: number };
export type RfmScored = RfmPeople & { recency: number; frequency: number; monetary: number };
export type RfmScore = { score: number; people: number; least: number | null; most: number | null };

export interface RfmQuery {
  gain: Gain;
  range: DateRange;
  recency: RfmScale;
  frequency: RfmScale;
  monetary: RfmScale;
  often: "purchases" | "days";
  money: "total" | "average";
  segment?: number;
}

export interface RfmResult {
  classes: RfmPeople[];
  scored: RfmScored[];
  recency: RfmScore[];
  frequency: RfmScore[];
  monetary: RfmScore[];
  total: RfmPeople;
  value_unit: number;
  counted_from: Millis;
  complete: boolean;
  as_of: Millis;
}

export interface RfmCell {
  class?: RfmClass;
  recency?: number;
  frequency?: number;
  monetary?: number;
}

export interface SequenceStep extends EventMatch {
  within_seconds?: number;
  after_seconds?: number;
  without?: EventMatch;
}

export interface SequenceQuery {
  steps: SequenceStep[];
  range: DateRange;
  interval: Interval;
  least_times: number;
  breakdown?: Breakdown;
  segment?: number;
}

export type SequenceCounts = { people: number; first: number; matches: number };

export interface SequenceGroup {
  group: Group;
  people: number;
  matches: number;
  buckets: SequenceCounts[];
  times: number[];
}

export interface SequenceResult {
  buckets: Bucket[];
  groups: SequenceGroup[];
  complete: boolean;
  as_of: Millis;
}

export interface SequenceCell {
  what: { kind: "all" } | { kind: "completed" | "first"; bucket: string } | { kind: "times"; times: number; or_more: boolean };
  group: Group;
}

export type HeatmapQuery = EventQuery & { worth?: string };
export type HeatmapCounts = { count: number; people: number; value: number };

export interface HeatmapGroup {
  group: Group;
  total: HeatmapCounts;
  weekdays: HeatmapCounts[];
  hours: HeatmapCounts[];
  cells: HeatmapCounts[][];
}

export interface HeatmapResult {
  groups: HeatmapGroup[];
  lengths: number[][];
  value_unit: number;
  complete: boolean;
  as_of: Millis;
}

export interface HeatmapCell {
  weekday?: number;
  hour?: number;
  group: Group;
}
