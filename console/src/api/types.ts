/**
 * The shapes of the HTTP API v1, from the generated `schema.ts`. Written by hand is only what the
 * description cannot say precisely: the condition and analysis languages, whose values are of any
 * type there. The assertions at the end hold the two together.
 */
import type { ItemField, OrderLeaf } from "./itemTypes";
import type { AnalysisCell, AnalysisQuery, AnalysisResult, EventMatch } from "./analyses";
import type { AlertChange, AlertRhythm, AlertRule, AlertTry, NewAlert, Receiver } from "./alerts";
import type { DashboardChange, NewTile } from "./dashboards";
import type { RelationLeaf } from "./relations";
import type { components } from "./schema";

export type * from "./relations";

type S = components["schemas"];

export type * from "./alerts";
export * from "./analyses";
export type * from "./dashboards";
export * from "./itemTypes";

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
  item?: ItemField;
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
  | RelationLeaf
  | EventLeaf
  | OrderLeaf;

export type Condition =
  | { kind: "all"; of: Condition[] }
  | { kind: "any"; of: Condition[] }
  | { kind: "not"; of: Condition }
  | Leaf;

// ---- analyses -------------------------------------------------------------

export type Analysis = Omit<S["Analysis"], "query"> & { query: AnalysisQuery };
export type CellPeople = { count: number; people: PersonRow[] };

// ---- lists ----------------------------------------------------------------

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
  total?: number | null;
}

// ---- SQL --------------------------------------------------------------------

export type SqlSchema = S["SqlSchema"];
/** What may be left out when it is saved is there when it is read. */
export type SqlParam = Required<S["SqlParam"]>;
export type SqlView = Required<S["SqlView"]>;
export type SqlQuery = Omit<S["SqlQuery"], "params" | "view"> & { params: SqlParam[]; view: SqlView };
export type SqlTagMade = S["SqlTagMade"];
export type SqlAnswer = Omit<S["SqlAnswer"], "rows"> & { rows: unknown[][] };

// ---- session and settings -------------------------------------------------

export type Role = S["Role"];
export type SessionProject = S["SessionProject"];
export type Session = S["SessionView"];
export type User = S["UserItem"];
export type Key = S["KeyItem"];
export type NewKey = S["CreatedKey"];
export type Project = S["ProjectSettings"];
export type AuditEntry = S["AuditItem"];
export type Job = S["JobItem"];
export type JobState = S["JobStateName"];

// ---- data -----------------------------------------------------------------

export type Identifier = S["Identifier"];
export type LiveEvent = Omit<S["LiveEvent"], "props"> & { props: Props };
export type EventName = S["NameItem"];
export type PropertyName = S["PropertyItem"];
export type ValueCount = S["ValueItem"];
export type QualitySummary = S["Summary"];
export type QualitySeries = S["SeriesItem"];
export type QualitySource = S["SourceItem"];
export type QualityDetail = S["SeriesDetail"];
export type QualityRule = S["RuleItem"];
export type QualityRuleDraft = S["RuleDraft"];
export type QualityAlert = S["AlertItem"];
export type PropertyRates = S["PropertyRates"];
export type Lateness = S["Lateness"];
export type TraceAnswer = S["TraceAnswer"];
export type Trace = S["TraceItem"];
export type TraceStage = S["Stage"];
export type HookIdentifier = "login" | "phone" | "email" | "device";
export type Take = S["Take"];
export type HookProperty = Omit<S["HookProperty"], "read"> & { read?: S["Read"] };
export type HookMapping = Omit<S["HookMapping"], "identifiers" | "properties" | "kind" | "money_places"> & {
  kind?: S["HookKind"];
  identifiers: Partial<Record<HookIdentifier, Take>>;
  properties?: Record<string, HookProperty>;
  money_places?: number;
};
export type Hook = Omit<S["HookItem"], "mapping"> & { mapping: HookMapping };
export type HookOutcome = S["HookOutcome"];
export type Mapping = S["Mapping"];
export type ColumnMapping = S["ColumnMapping"];
export type ColumnTarget = S["Target"];
export type ColumnType = S["CellType"];
export type ImportKind = S["ImportKind"];
/** The state is the job's. */
export type Import = Omit<S["ImportItem"], "state" | "kind"> & { state: JobState; kind: ImportKind };

export type ImportPreview = S["ImportPreview"];
export type ImportTemplates = S["ImportTemplates"];
export type SavedTemplate = S["SavedTemplate"];
export type OrderState = S["OrderState"];
export type RowCode = S["RowCode"];
export type Upload = S["UploadItem"];

// ---- people ---------------------------------------------------------------

export type PersonIdentity = S["PersonIdentity"];
export type HeldIdentifier = S["HeldIdentifier"];
export type IdentityLink = S["IdentityLink"];
export type IdentityStep = S["IdentityStep"];
export type IdentityConflict = S["IdentityConflict"];
export type IdentityStats = S["IdentityStats"];
export type IdentityRules = S["IdentityRules"];
export type IdentityRehearsal = S["IdentityRehearsal"];
export type IdentityCase = S["IdentityCase"];
export type CaseLine = S["CaseLine"];
export type Namespace = S["Namespace"];
export type MergePreview = S["MergePreview"];
export type Decided = S["Decided"];
export type Erasure = S["Erasure"];
export type ErasureDetail = S["ErasureDetail"];
export type ErasureCertificate = S["ErasureCertificate"];
export type PersonRow = Omit<S["PersonItem"], "attributes"> & { attributes: Props };
export type Purpose = S["PurposeItem"];
export type PurposeDefinition = S["PurposeDefinition"];
export type PurposeChange = S["PurposeChange"];
export type PurposeText = S["PurposeText"];
export type Silence = S["Silence"];
export type ConsentState = S["ConsentState"];
export type ConsentHow = S["ConsentHow"];
export type ConsentProof = S["ConsentProof"];
export type ConsentPosition = S["ConsentPosition"];
export type PersonConsents = S["PersonConsents"];
export type ConsentEntry = S["ConsentEntry"];
export type StatementResults = S["StatementResults"];
export type ConsentSettings = S["ConsentSettings"];
export type RightsRequest = S["RightsRequest"];
export type RightsRequestKind = S["RequestKind"];
export type RightsRequestWhole = S["RightsRequestWhole"];
export type RightsStep = S["RightsStep"];
export type RightsSummary = S["RightsSummary"];
export type CreatedRightsRequest = S["CreatedRightsRequest"];
export type VerifiedHow = S["VerifiedHow"];
export type RightsCopy = S["RightsCopy"];
export type CopyCode = S["CopyCode"];
export type RightsCorrection = S["RightsCorrection"];
export type RightsDecision = S["RightsDecision"];
export type RightsText = S["RightsText"];
export type FoundPeople = Omit<S["FoundPeople"], "people"> & { people: (Omit<S["FoundPerson"], "person"> & { person: PersonRow })[] };
export type PreferenceLink = S["PreferenceLink"];
export type PersonTag = Omit<S["PersonTag"], "value"> & { value: Value };
export type Person = Omit<S["Person"], "attributes" | "tags"> & { attributes: Props; tags: PersonTag[] };
export type Attribute = S["Attribute"];
export type MergePolicy = S["MergePolicy"];
export type AttributeChange = Omit<S["AttributeChange"], "value"> & { value?: Value | null };
export type Note = S["Note"];
export type TimelineEvent = Omit<S["TimelineEvent"], "props"> & { props: Props };
export type TimelineItem = Omit<S["TimelineItem"], "event"> & { event?: TimelineEvent | null };
export type TimelineOutline = S["TimelineOutline"];

// ---- tags and segments ----------------------------------------------------

export type TagDefinition =
  | { kind: "attribute"; attribute: string; buckets?: number[] | null }
  | { kind: "rule"; values: { value: string; condition: Condition }[]; otherwise?: string | null }
  | { kind: "given"; of: string; column?: string | null }
  | { kind: "rfm"; event: string; amount: string; window: DateRange; method: S["RfmMethod"]; cuts?: S["RfmCuts"] | null };

export type TagValue = S["TagValue"];
export type TagState = S["TagState"];
export type Tag = Omit<S["Tag"], "definition"> & { definition: TagDefinition };
export type TagPreview = S["TagPreview"];
export type Segment = Omit<S["Segment"], "condition"> & { condition: Condition };
export type SegmentCount = S["SegmentCount"];

// ---- campaigns ------------------------------------------------------------

export type CampaignState = S["CampaignState"];
export type ChannelName = "email" | "webhook";
export type EmailContent = S["EmailTemplate"];
/** The body is JSON; every text in it is a template. */
export type WebhookContent = Omit<S["WebhookTemplate"], "body"> & { body: unknown };

export interface Goal {
  event: EventMatch;
  window_hours: number;
}

export type Campaign = Omit<S["Campaign"], "channel" | "content" | "goal"> & { channel: ChannelName; content: EmailContent | WebhookContent; goal?: Goal | null };
export type CampaignCounts = S["SendCounts"];

export interface Rendered {
  person?: number | null;
  to: string;
  subject: string;
  html: string;
  text: string;
  /** Of webhooks: the JSON text. */
  body?: string | null;
  /** Names without a value and without a default; this person would get nothing. */
  missing: string[];
}

export type Audience = S["AudienceAnswer"];
export type Lift = S["Lift"];
export type GoalResult = S["GoalResult"];
export type SampleCheck = S["SampleCheck"];
export type Report = S["Report"];
export type PersonBehind = S["PersonBehind"];
export type Send = S["SendItem"];
export type Suppression = S["SuppressionItem"];
export type Protection = S["Protection"];

export interface EmailSettings {
  host: string;
  port: number;
  security: "none" | "starttls" | "tls";
  username?: string;
  password?: string;
  password_set?: boolean;
  from: string;
  reply_to?: string;
  bounce_domain?: string;
}

export interface Channel {
  id: string;
  configured: boolean;
  secrets_readable: boolean;
  settings: unknown;
}

export type Overview = S["Overview"];

// ---- personal data ---------------------------------------------------------

export type FieldKind = S["FieldKind"];
export type Exposure = S["Exposure"];
export type PersonalClass = S["PersonalClass"];
export type PersonalSettings = S["PersonalSettings"];
export type PersonalField = S["PersonalFieldItem"];
export type PersonalSuggestion = S["PersonalSuggestion"];
export type Revealed = S["PersonalRevealed"];
export type Look = S["LookItem"];
export type Looker = S["LookerItem"];
export type Export = S["ExportItem"];
export type ExportFound = S["ExportFound"];

// ---- the tracking plan ----------------------------------------------------

export type SubjectKind = S["PlanSubjectKind"];
export type PlanType = S["PlanType"];
export type PlanStatus = S["PlanStatus"];
export type PlanMode = S["PlanMode"];
export type PlanReason = S["PlanReason"];
export type ReasonCode = S["ReasonCode"];
export type Cipher = S["CipherItem"];
export type AsideReason = S["AsideReason"];
export type PlanOverview = Omit<S["PlanOverview"], "statuses"> & { statuses: Partial<Record<PlanStatus, number>> };
export type PlanPreview = S["PlanPreview"];
export type PlanName = S["PlanName"];
export type PlanNames = S["PlanNames"];
export type PlanSubject = S["PlanSubject"];
export type PlanProperty = S["PlanProperty"];
export type PlanSubjectItem = S["PlanSubjectItem"];
export type PlanSubjectDetail = S["PlanSubjectDetail"];
export type PlanPropertyItem = S["PlanPropertyItem"];
export type PlanDrift = S["PlanDrift"];
export type PlanDeclared = S["PlanDeclared"];
/** The record is of any shape: it is shown, not used. */
export type QuarantineItem = Omit<S["QuarantineItem"], "record"> & { record?: unknown };
export type PlanFix = S["PlanFix"];
export type PlanChange = S["PlanChange"];
export type PlanRowError = S["PlanRowError"];
export type PlanImport = S["PlanImport"];

// ---- the two descriptions agree -------------------------------------------

type Fits<Ours extends Theirs, Theirs> = Ours;

/** Fails to compile when what we send is no longer what the server takes. */
export type Agreement = [
  Fits<Condition, S["Condition"]>,
  Fits<AnalysisQuery, S["AnalysisQuery"]>,
  Fits<AnalysisCell, S["AnalysisCell"]>,
  Fits<TagDefinition, S["Definition"]>,
  Fits<Goal, S["Goal"]>,
  Fits<AnalysisResult, S["AnalysisResult"]>,
  Fits<NewAlert, S["NewAlert"]>,
  Fits<AlertTry, S["AlertTry"]>,
  Fits<AlertChange, S["AlertChange"]>,
  Fits<AlertRule, S["AlertRule"]>,
  Fits<AlertRhythm, S["AlertRhythm"]>,
  Fits<Receiver, S["Receiver"]>,
  Fits<NewTile, S["DashboardTile"]>,
  Fits<DashboardChange, S["DashboardChange"]>,
];
