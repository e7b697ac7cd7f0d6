/** Questions and answers of every kind of analysis; the assertions in `types.ts` hold them to the description. */
import type { DateRange, Millis, PersonMeasure, PropertyFilter } from "./types";
import type { AttributionCell, AttributionQuery, AttributionResult, CrosstabCell, CrosstabQuery, CrosstabResult, HeatmapCell, HeatmapQuery, HeatmapResult, RevenueCell, RevenueQuery, RevenueResult, RfmCell, RfmQuery, RfmResult, SequenceCell, SequenceQuery, SequenceResult } from "./gains";
import type { components } from "./schema";
import type { ItemField } from "./itemTypes";

export type * from "./gains";

type S = components["schemas"];

export type Interval = "day" | "week" | "month";

export interface EventMatch {
  event: string;
  filters: PropertyFilter[];
}

export type Measure =
  | { kind: "count" | "people" | "per_person" }
  | { kind: "sum" | "avg"; property: string };

export type Breakdown =
  | { kind: "property"; name: string }
  | { kind: "attribute"; name: string }
  | { kind: "tag"; tag: number }
  | { kind: "item"; property: string; field: ItemField };

export interface TrendSeries extends EventMatch {
  measure: Measure;
}

export interface TrendQuery {
  series: TrendSeries[];
  range: DateRange;
  interval: Interval;
  breakdown?: Breakdown;
  segment?: number;
}

export type Group = { kind: "whole" } | { kind: "value"; value: string } | { kind: "missing" } | { kind: "other" };

export interface Bucket {
  start: string;
  complete: boolean;
}

export interface TrendLine {
  series: number;
  group: Group;
  values: (number | null)[];
  total: number | null;
}

export interface TrendResult {
  buckets: Bucket[];
  lines: TrendLine[];
  as_of: Millis;
}

export interface TrendCell {
  series: number;
  bucket?: string;
  group: Group;
}

export type FunnelWindow = { kind: "elapsed"; seconds: number } | { kind: "days"; days: number };

export interface FunnelQuery {
  steps: EventMatch[];
  range: DateRange;
  window: FunnelWindow;
  must_increase: boolean;
  breakdown?: Breakdown;
  segment?: number;
}

export interface FunnelStep {
  event: string;
  people: number;
  median_millis: number | null;
  average_millis: number | null;
}

export interface FunnelGroup {
  group: Group;
  steps: FunnelStep[];
}

export interface FunnelResult {
  groups: FunnelGroup[];
  complete: boolean;
  as_of: Millis;
}

export interface FunnelCell {
  step: number;
  dropped: boolean;
  group: Group;
}

export type RetentionEntry = "recurring" | "first_in_range" | "first_ever";

export interface RetentionQuery {
  start: EventMatch;
  back: EventMatch;
  range: DateRange;
  interval: Interval;
  periods: number;
  brackets?: number[];
  entry: RetentionEntry;
  clock: "calendar" | "elapsed";
  rolling: boolean;
  breakdown?: Breakdown;
  segment?: number;
}

export interface RetentionCount {
  people: number;
  complete: boolean;
}

export interface RetentionCohort {
  bucket: Bucket;
  size: number;
  same: RetentionCount;
  back: RetentionCount[];
}

export interface RetentionGroup {
  group: Group;
  size: number;
  cohorts: RetentionCohort[];
  means: { weighted: number | null; simple: number | null }[];
}

export interface RetentionResult {
  columns: [number, number][];
  groups: RetentionGroup[];
  as_of: Millis;
}

export interface RetentionCell {
  cohort?: string;
  what: { kind: "started" | "same" } | { kind: "back" | "away"; column: number };
  group: Group;
}

/** What the questions about one event share. */
export interface EventQuery {
  event: EventMatch;
  range: DateRange;
  breakdown?: Breakdown;
  segment?: number;
}

export type LifecycleState = "new" | "returning" | "resurrecting" | "dormant";
export type LifecycleQuery = EventQuery & { interval: Interval };
export type LifecycleGroup = { group: Group } & Record<LifecycleState, number[]>;

export interface LifecycleResult {
  buckets: Bucket[];
  groups: LifecycleGroup[];
  as_of: Millis;
}

export interface LifecycleCell {
  bucket: string;
  state: LifecycleState;
  group: Group;
}

export type StickinessQuery = EventQuery & { interval: Interval };

export interface StickinessGroup {
  group: Group;
  total: number;
  people: number[];
  average: number | null;
}

export interface StickinessResult {
  intervals: number;
  complete: boolean;
  groups: StickinessGroup[];
  as_of: Millis;
}

export interface StickinessCell {
  intervals: number;
  or_more: boolean;
  group: Group;
}

export type DistributionQuery = EventQuery & { measure: PersonMeasure; edges?: number[] };

export interface Bin {
  from: number | null;
  to: number | null;
}

export type Summary = S["NumberSummary"];

export interface DistributionGroup {
  group: Group;
  total: number;
  without: number;
  people: number[];
  summary: Summary | null;
}

export interface DistributionResult {
  bins: Bin[];
  complete: boolean;
  groups: DistributionGroup[];
  as_of: Millis;
}

export interface DistributionCell {
  bin?: Bin;
  group: Group;
}

export interface IntervalQuery {
  from: EventMatch;
  to: EventMatch;
  range: DateRange;
  interval: Interval;
  limit_seconds: number;
  pairing: "latest" | "earliest";
  link?: string;
  breakdown?: Breakdown;
  segment?: number;
}

export interface IntervalStretch {
  count: number;
  people: number;
  summary: Summary | null;
}

export interface IntervalGroup {
  group: Group;
  total: IntervalStretch;
  too_long: number;
  buckets: IntervalStretch[];
  histogram: number[];
}

export interface IntervalResult {
  buckets: Bucket[];
  bins: number[];
  groups: IntervalGroup[];
  as_of: Millis;
}

export interface IntervalCell {
  bucket?: string;
  at_least?: number;
  less_than?: number;
  group: Group;
}

export type SessionQuery = EventQuery & { interval: Interval; gap_seconds: number; longest_seconds?: number };
export type SessionCounts = S["SessionCounts"];
export type SessionEvent = S["SessionEvent"];

export interface SessionGroup {
  group: Group;
  total: SessionCounts;
  buckets: SessionCounts[];
}

export interface SessionResult {
  buckets: Bucket[];
  groups: SessionGroup[];
  events: SessionEvent[];
  events_left_out: number;
  as_of: Millis;
}

export interface SessionCell {
  bucket?: string;
  bounced: boolean;
  group: Group;
}

export type PathAnchor = { kind: "beginning" } | { kind: "from" | "to"; event: EventMatch };

export interface PathQuery {
  events: EventMatch[];
  anchor: PathAnchor;
  range: DateRange;
  gap_seconds?: number;
  split?: string;
  collapse: boolean;
  steps: number;
  nodes: number;
  segment?: number;
}

export type PathName = { kind: "event"; event: string; value?: string | null } | { kind: "other" };

export interface PathNode {
  step: number;
  name: PathName;
  count: number;
  ends: number;
}

export interface PathEdge {
  step: number;
  from: PathName;
  to: PathName;
  count: number;
}

export interface PathResult {
  nodes: PathNode[];
  edges: PathEdge[];
  total: number;
  complete: boolean;
  as_of: Millis;
}

export interface PathCell {
  step: number;
  name: PathName;
  to?: PathName;
  ends: boolean;
}

/** Question, cell and answer of each kind. */
export interface Kinds {
  trend: [TrendQuery, TrendCell, TrendResult];
  funnel: [FunnelQuery, FunnelCell, FunnelResult];
  retention: [RetentionQuery, RetentionCell, RetentionResult];
  lifecycle: [LifecycleQuery, LifecycleCell, LifecycleResult];
  stickiness: [StickinessQuery, StickinessCell, StickinessResult];
  distribution: [DistributionQuery, DistributionCell, DistributionResult];
  interval: [IntervalQuery, IntervalCell, IntervalResult];
  session: [SessionQuery, SessionCell, SessionResult];
  path: [PathQuery, PathCell, PathResult];
  attribution: [AttributionQuery, AttributionCell, AttributionResult];
  revenue: [RevenueQuery, RevenueCell, RevenueResult];
  crosstab: [CrosstabQuery, CrosstabCell, CrosstabResult];
  rfm: [RfmQuery, RfmCell, RfmResult];
  sequence: [SequenceQuery, SequenceCell, SequenceResult];
  heatmap: [HeatmapQuery, HeatmapCell, HeatmapResult];
}

export type Kind = keyof Kinds;
export type QueryOf<K extends Kind> = Kinds[K][0];
export type ResultOf<K extends Kind> = Kinds[K][2];
export type AnalysisQuery = { [K in Kind]: { kind: K } & QueryOf<K> }[Kind];
export type AnalysisCell = { [K in Kind]: { kind: K; query: QueryOf<K>; cell: Kinds[K][1] } }[Kind];
export type AnalysisResult = { [K in Kind]: { kind: K } & ResultOf<K> }[Kind];
export type AnswerAbout = S["AnswerAbout"];
export type AnalysisAnswer<K extends Kind> = { result: { kind: K } & ResultOf<K>; about: AnswerAbout };
