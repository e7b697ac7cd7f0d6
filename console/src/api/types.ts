/** The shapes of the HTTP API v1. Mirrors `siyu-types` and the features' `api.rs`. */

export type Millis = number;
export type Value = boolean | number | string | string[];
export type ValueKind = "bool" | "number" | "text" | "list";
export type Props = Record<string, Value>;

// ---- conditions -----------------------------------------------------------

export type Compare = "equal" | "not_equal" | "less" | "at_most" | "more" | "at_least";

export type Test =
  | { op: "is"; values: Value[] }
  | { op: "is_not"; values: Value[] }
  | { op: "contains"; value: string }
  | { op: "not_contains"; value: string }
  | { op: "number"; compare: Compare; value: number }
  | { op: "between"; from: number; to: number }
  | { op: "is_present" }
  | { op: "is_missing" };

export type DateRange =
  | { kind: "last_days"; days: number }
  | { kind: "between"; from: string; to: string }
  | { kind: "all" };

export interface PropertyFilter {
  property: string;
  test: Test;
}

export type PersonMeasure =
  | { kind: "count" }
  | { kind: "days" }
  | { kind: "sum" | "avg" | "min" | "max" | "distinct"; property: string };

export interface EventLeaf {
  kind: "event";
  event: string;
  filters: PropertyFilter[];
  window: DateRange;
  measure: PersonMeasure;
  compare: Compare;
  value: number;
}

export type Leaf =
  | { kind: "attribute"; name: string; test: Test }
  | { kind: "tag"; tag: number; test: Test }
  | { kind: "segment"; segment: number }
  | EventLeaf;

export type Condition =
  | { kind: "all"; of: Condition[] }
  | { kind: "any"; of: Condition[] }
  | { kind: "not"; of: Condition }
  | Leaf;

// ---- analyses -------------------------------------------------------------

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
  | { kind: "tag"; tag: number };

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

export type AnalysisQuery = ({ kind: "trend" } & TrendQuery) | ({ kind: "funnel" } & FunnelQuery);

export interface Analysis {
  id: number;
  name: string;
  description: string;
  query: AnalysisQuery;
  updated_at?: string;
}

export interface CellPeople {
  count: number;
  people: PersonRow[];
}

// ---- lists ----------------------------------------------------------------

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  total: number | null;
}

// ---- session and settings -------------------------------------------------

export type Role = "owner" | "operator" | "analyst" | "viewer";

export interface SessionProject {
  id: number;
  name: string;
  role: Role;
  zone: string;
  currency: string;
}

export interface Session {
  user: { id: number; email: string; name: string; locale: string };
  csrf_token: string;
  projects: SessionProject[];
}

export interface User {
  id: number;
  email: string;
  name: string;
  role: Role;
  active: boolean;
}

export interface Key {
  id: number;
  name: string;
  kind: "api" | "write";
  role?: Role | null;
  hint?: string;
  created_at?: string;
  last_used_at?: string | null;
}

export interface NewKey {
  id: number;
  secret: string;
}

export interface Project {
  id: number;
  name: string;
  zone: string;
  currency: string;
}

export interface AuditEntry {
  id: number;
  at: string;
  actor: string;
  actor_name?: string;
  action: string;
  object: string;
  detail: unknown;
}

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";

export interface Job {
  id: number;
  kind: string;
  state: JobState;
  done: number;
  total: number;
  note: string;
  error: string | null;
  result: unknown;
  created_at: string;
  finished_at: string | null;
}

// ---- data -----------------------------------------------------------------

export interface Identifier {
  namespace: string;
  value: string;
}

export interface LiveEvent {
  seq: number;
  time: string;
  received_at: string;
  event: string;
  person: number;
  source: string;
  ids: Identifier[];
  props: Props;
}

export interface EventName {
  name: string;
  count: number;
  first_seen: string | null;
  last_seen: string | null;
  display?: string | null;
}

export interface PropertyName {
  name: string;
  kind: ValueKind;
}

export interface ValueCount {
  value: string;
  count: number;
}

export interface Reject {
  seq: number;
  received_at: string;
  protocol: string;
  source: string;
  code: string;
  field: string;
  message: string;
  /** The item as it arrived, cut; null without the right to see personal values. */
  excerpt?: string | null;
}

export type ImportKind = "events" | "people" | "items" | "orders";
export type ColumnTarget =
  | "login"
  | "phone"
  | "email"
  | "device"
  | "time"
  | "event"
  | "order_id"
  | "item_id"
  | "item_type"
  | "amount"
  | "property"
  | "ignore";
export type ColumnType = "text" | "number" | "money" | "time" | "bool";

export interface ColumnMapping {
  to: ColumnTarget;
  name?: string;
  type?: ColumnType;
  zone?: string;
}

export interface Mapping {
  kind: ImportKind;
  columns: Record<string, ColumnMapping>;
  event?: string;
}

export interface ImportPreview {
  encoding: string;
  delimiter: string;
  format: string;
  columns: { name: string; sample: string[]; kind: string }[];
  guess: Mapping;
}

export interface Import {
  id: number;
  job_id: number;
  name: string;
  kind: ImportKind;
  state: JobState;
  rows: number;
  accepted: number;
  rejected: number;
  errors: { row: number; column: string | null; code: string; message: string }[];
  created_at: string;
}

// ---- people ---------------------------------------------------------------

export interface PersonRow {
  person: number;
  identifiers: Identifier[];
  attributes: Props;
  first_seen: string | null;
  last_seen: string | null;
  event_count: number;
}

export interface Consent {
  channel: string;
  purpose: string;
  state: "granted" | "withdrawn";
  source: string;
  at: string;
}

export interface Person {
  person: number;
  members: number[];
  identifiers: Identifier[];
  attributes: Props;
  tags: { id: number; name: string; value: Value }[];
  segments: { id: number; name: string }[];
  stats: {
    events: number;
    orders: number;
    amount_minor: number;
    first_seen: string | null;
    last_seen: string | null;
  };
  consents: Consent[];
}

export interface PersonEvent {
  time: string;
  seq: number;
  event: string;
  props: Props;
  source: string;
}

export interface Attribute {
  name: string;
  kind: ValueKind;
  count: number;
}

// ---- tags and segments ----------------------------------------------------

export type TagDefinition =
  | { kind: "attribute"; attribute: string; buckets?: number[] }
  | { kind: "rule"; values: { value: string; condition: Condition }[]; otherwise?: string }
  | { kind: "rfm"; event: string; amount: string; window: DateRange; method: "share" | "cut"; cuts?: RfmCuts };

export interface RfmCuts {
  recency_days: number;
  frequency: number;
  monetary: number;
}

export interface TagValue {
  value: string;
  people: number;
}

export interface Tag {
  id: number;
  name: string;
  display: string;
  description: string;
  directory: string;
  definition: TagDefinition;
  state: string;
  computed_at: string | null;
  coverage: number;
  values: TagValue[];
  error?: string | null;
}

export interface TagPreview {
  values: TagValue[];
  coverage: number;
}

export interface Segment {
  id: number;
  name: string;
  description: string;
  kind: "dynamic" | "snapshot";
  condition: Condition;
  count: number;
  computed_at: string | null;
  history: { at: string; count: number }[];
  used_by: string[];
}

export interface SegmentCount {
  count: number;
  total: number;
  took_micros: number;
  as_of: Millis;
}

// ---- campaigns ------------------------------------------------------------

export type CampaignState = "draft" | "running" | "paused" | "finished" | "cancelled";
export type ChannelName = "email" | "webhook";

export interface EmailContent {
  subject: string;
  html: string;
  text?: string;
  coupon?: string;
}

export interface WebhookContent {
  url: string;
  method: string;
  /** JSON; every text in it is a template. */
  body: unknown;
  coupon?: string;
}

export interface Goal {
  event: EventMatch;
  window_hours: number;
}

export interface Campaign {
  id: number;
  name: string;
  state: CampaignState;
  channel: ChannelName;
  segment_id: number | null;
  content: EmailContent | WebhookContent;
  control_percent: number;
  goal: Goal | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  counts: CampaignCounts;
}

export interface CampaignCounts {
  chosen: number;
  control: number;
  suppressed: number;
  sent: number;
  failed: number;
  unknown: number;
  pending: number;
}

export interface Rendered {
  to: string | null;
  subject: string;
  html: string;
  text: string;
  missing: string[];
}

export interface Audience {
  chosen: number;
  reachable: number;
  suppressed_by_reason: { reason: string; people: number }[];
  control: number;
}

export interface Arm {
  people: number;
  converted: number;
  revenue_minor: number;
}

/** Rates are shares; `low` and `high` bound the absolute difference with 95 % confidence. */
export interface Lift {
  absolute: number;
  low: number;
  high: number;
  relative?: number | null;
  relative_low?: number | null;
  relative_high?: number | null;
  p_value: number;
  enough: boolean;
}

export interface GoalResult {
  treated: Arm;
  control: Arm;
  lift?: Lift | null;
  /** False while somebody's window has not ended. */
  complete: boolean;
}

export interface SampleCheck {
  expected_control: number;
  p_value: number;
  mismatch: boolean;
}

export interface Report {
  chosen: number;
  control: number;
  treated: number;
  suppressed: { reason: string; people: number }[];
  sent: number;
  delivered: number;
  opened: number;
  clicked: number;
  bounced: number;
  unsubscribed: number;
  failed: number;
  unknown: number;
  pending: number;
  cancelled: number;
  goal?: GoalResult | null;
  sample?: SampleCheck | null;
  as_of: string;
}

export interface Send {
  id: number;
  person: number;
  state: string;
  reason: string | null;
  at: string | null;
}

export interface PersonMessage {
  campaign_id: number;
  campaign: string;
  channel: ChannelName;
  state: string;
  reason: string | null;
  at: string;
}

export interface EmailChannel {
  host: string;
  port: number;
  security: "none" | "starttls" | "tls";
  username: string;
  password?: string;
  from: string;
  reply_to: string;
}

export interface Channels {
  email: EmailChannel | null;
  webhook: { secret?: string; configured?: boolean } | null;
}

export interface Protection {
  cap: { messages: number; days: number } | null;
}

export interface Suppression {
  id: number;
  channel: ChannelName;
  address: string | null;
  person: number | null;
  reason: string;
  created_at: string;
}

// ---- overview -------------------------------------------------------------

export interface Overview {
  people: number;
  events_today: number;
  events_total: number;
  series: { day: string; events: number; people: number }[];
  recent_campaigns?: Campaign[];
  checklist: { source: boolean; event: boolean; segment: boolean; campaign: boolean };
}
