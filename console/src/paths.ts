/** Every link of the console. */
import type { AnalysisQuery, Condition, DateRange, SubjectKind } from "./api/types";

export const paths = {
  login: "/login",
  overview: "/",
  live: "/data/live",
  events: "/data/events",
  planSubject: "/data/events/one",
  sources: "/data/sources",
  hook: (key: number) => `/data/sources/${key}/hook`,
  imports: "/data/imports",
  newImport: "/data/imports/new",
  importDetail: (id: number) => `/data/imports/${id}`,
  rejects: "/data/rejects",
  quality: "/data/quality",
  trace: "/data/trace",
  people: "/people",
  person: (person: number) => `/people/${person}`,
  orders: "/orders",
  order: (id: string) => `/orders/${encodeURIComponent(id)}`,
  items: "/items",
  item: (type: string, id: string) => `/items/${encodeURIComponent(type)}/${encodeURIComponent(id)}`,
  consent: "/consent",
  rights: "/rights",
  rightsRequest: (id: number) => `/rights/${id}`,
  identity: "/identity",
  relations: "/relations",
  tags: "/tags",
  newTag: "/tags/new",
  tag: (id: number) => `/tags/${id}`,
  editTag: (id: number) => `/tags/${id}/edit`,
  segments: "/segments",
  newSegment: "/segments/new",
  segment: (id: number) => `/segments/${id}`,
  editSegment: (id: number) => `/segments/${id}/edit`,
  dashboards: "/dashboards",
  dashboard: (id: number) => `/dashboards/${id}`,
  alerts: "/alerts",
  analyses: "/analyses",
  trend: "/analyses/trend",
  funnel: "/analyses/funnel",
  retention: "/analyses/retention",
  lifecycle: "/analyses/lifecycle",
  stickiness: "/analyses/stickiness",
  distribution: "/analyses/distribution",
  interval: "/analyses/interval",
  session: "/analyses/session",
  path: "/analyses/path",
  attribution: "/analyses/attribution",
  revenue: "/analyses/revenue",
  crosstab: "/analyses/crosstab",
  rfm: "/analyses/rfm",
  sequence: "/analyses/sequence",
  heatmap: "/analyses/heatmap",
  sql: "/analyses/sql",
  campaigns: "/campaigns",
  campaign: (id: number) => `/campaigns/${id}`,
  project: "/settings/project",
  members: "/settings/members",
  keys: "/settings/keys",
  channels: "/settings/channels",
  protection: "/settings/protection",
  personal: "/settings/personal",
  personalViewer: "/settings/personal/viewer",
  audit: "/settings/audit",
  me: "/settings/me",
} as const;

/** Search parameters that carry state from one page to another. */
export interface Search {
  /** People list: a query text or a segment. */
  query?: string;
  segment?: number;
  /** The alert that is open beside the list. */
  alert?: number;
  /** A person: kinds on the timeline, with commas; the instant it ends at; the view for a sidebar. */
  kinds?: string;
  /** What stands in entries of a timeline; the text of a list of people is another one. */
  text?: string;
  before?: string;
  view?: "compact";
  /** Live events and event dictionary. */
  event?: string;
  /** Of what the plan tells about: an event, people or items. */
  kind?: SubjectKind;
  person?: number;
  /** Live events, data quality and following a record. */
  source?: string;
  identifier?: string;
  message?: string;
  /** A new segment starts from this. */
  condition?: Condition;
  /** An analysis on screen, and the saved one it came from; of SQL the saved query. */
  q?: AnalysisQuery;
  saved?: number;
  /** Of an analysis: people are told apart as at this instant. */
  as_of?: string;
  /** Of a dashboard: looked at with these days and this segment instead of those it is kept with; null is each tile's own. */
  scope?: { range: DateRange | null; segment: number | null };
  tab?: string;
  step?: string;
  metric?: string;
  reason?: string;
  /** Who looked: `user:3` or `key:7`. */
  actor?: string;
  /** Looks of one kind. */
  look?: string;
  /** Orders: first and last day, state, and whose. */
  since?: string;
  until?: string;
  state?: string;
  store?: string;
  staff?: string;
  item?: string;
  /** Items: which type, which tag. */
  type?: string;
  tag?: string;
  channel?: string;
  directory?: string;
  next?: string;
  /** A new import reads this upload, with the mapping of that import. */
  upload?: string;
  from?: string;
}
