/** Answers the API from memory, for development only. Conditions and analyses are made up, but repeatable. */
import type { AnalysisQuery, Analysis, Campaign, Condition, Group, Segment, Tag, TrendQuery, FunnelQuery } from "../src/api/types";
import { annotationsOf, boardsOf, table } from "./boards.ts";
import { consentOf, personConsent } from "./consent.ts";
import { personRights, rightsOf } from "./rights.ts";
import * as data from "./data.ts";
import { itemsOf } from "./items.ts";
import { personOf } from "./person.ts";
import { planOf } from "./plan.ts";
import { flowOf, personRelations, relationsOf } from "./relations.ts";

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
}

export interface Answer {
  status: number;
  body: unknown;
}

const DAY = 86_400_000;
const state = { loggedIn: true, nextId: 100 };
const project = { id: 1, name: "甜心烘焙坊", zone: "Asia/Shanghai", currency: "CNY", dedupe_hours: 48, week_start: "monday" };
const protection = { cap: { messages: 3, days: 7 } as { messages: number; days: number } | null };
const channels: { email: unknown; webhook: unknown } = { email: { host: "smtp.example.com", port: 465, security: "tls", username: "hello", from: "烘焙坊 <hello@example.com>", reply_to: "" }, webhook: null };

const ok = (body: unknown): Answer => ({ status: 200, body });
const page = (items: unknown[], total = items.length, next: string | null = null): Answer => ok({ items, next_cursor: next, total });
const fail = (status: number, code: string, params: Record<string, string> = {}, field?: string): Answer => ({ status, body: { error: { code, message: code, params, field, request_id: "req-mock-1" } } });

function session() {
  return { user: { id: 1, email: "owner@example.com", name: "林岚", locale: "zh-CN" }, csrf_token: "t", projects: [{ ...project, role: "owner" }, { id: 2, name: "演示项目", zone: "Asia/Shanghai", currency: "CNY", week_start: "monday", role: "viewer" }] };
}

export function countOf(condition: Condition): number {
  if (condition.kind === "all" && condition.of.length === 0) return data.PEOPLE_TOTAL;
  return 40 + (data.hash(JSON.stringify(condition)) % 24_000);
}

function trend(query: TrendQuery) {
  const days = query.range.kind === "last_days" ? query.range.days : 30;
  const step = query.interval === "day" ? 1 : query.interval === "week" ? 7 : 30;
  const length = Math.max(1, Math.ceil(days / step));
  const buckets = Array.from({ length }, (_, index) => ({ start: data.dayText(Date.now() - (length - 1 - index) * step * DAY), complete: index < length - 1 }));
  const name = query.breakdown && "name" in query.breakdown ? query.breakdown.name : "";
  const groups: Group[] = query.breakdown ? [...(data.values[name] ?? ["甲", "乙", "丙"]).map((value) => ({ kind: "value" as const, value })), { kind: "missing" }] : [{ kind: "whole" }];
  const lines = query.series.flatMap((series, at) =>
    groups.map((group, g) => {
      const next = data.random(data.hash(JSON.stringify([series, group])));
      const base = (2_000 + next() * 6_000) * (series.measure.kind === "people" ? 0.6 : 1) * step / (g + 1);
      const values = buckets.map((bucket, index) => Math.round(base * (0.8 + 0.3 * Math.sin(index / 2.2) + next() * 0.2) * (bucket.complete ? 1 : 0.45)));
      const earlier = query.compare && { values: values.map((value) => Math.round(value * 0.86)), total: values.reduce((a, b) => a + b, 0) * 0.86 };
      return { series: at, group, values, total: values.reduce((a, b) => a + b, 0), earlier };
    }),
  );
  const formulas = (query.formulas ?? []).map((_, index) => ({ series: query.series.length + index, group: lines[0]?.group, values: buckets.map((_bucket, at) => (lines[0]?.values[at] ?? 0) / Math.max(1, lines[1]?.values[at] ?? 1)), total: 1.4 }));
  return { buckets, earlier_buckets: query.compare ? buckets : [], lines: [...lines, ...formulas], as_of: Date.now() };
}

const HOUR = 3_600_000;
const summary = (hours: number) => ({ min: 0.02 * hours * HOUR, p25: 0.3 * hours * HOUR, median: 0.6 * hours * HOUR, p75: 1.3 * hours * HOUR, p90: 2.6 * hours * HOUR, max: 24 * HOUR, mean: 0.9 * hours * HOUR });

function funnel(query: FunnelQuery) {
  const groupOf = (group: Group, size: number) => ({
    group,
    steps: query.steps.map((step, index) => ({ event: step.event, people: Math.round(size * 0.46 ** index), since_before: index === 0 ? null : summary(index), since_first: index === 0 ? null : summary(2 * index) })),
    histogram: [120, 480, 960, 720, 210].map((count) => Math.round((count * size) / 48_210)),
    trend: query.trend ? Array.from({ length: 14 }, (_day, day) => query.steps.map((_step, index) => Math.round(size / 14 * (0.46 + 0.03 * Math.sin(day)) ** index))) : [],
  });
  const groups = [groupOf({ kind: "whole" }, 48_210)];
  if (query.breakdown) ["金卡", "银卡", "普通"].forEach((value, index) => groups.push(groupOf({ kind: "value", value }, 22_000 / (index + 1))));
  const buckets = query.trend ? Array.from({ length: 14 }, (_, day) => ({ start: data.dayText(Date.now() - (13 - day) * DAY), complete: day < 7 })) : [];
  return { groups, bins: [60_000, 600_000, HOUR, 6 * HOUR, 24 * HOUR], buckets, complete: false, as_of: Date.now() };
}

/** Trends and funnels only; the other kinds are looked at with the real server. */
function analysis(query: AnalysisQuery) {
  const about = { complete: false, exact: true, zone: "Asia/Shanghai", events_read: 1_204_331, took_micros: 12_400 };
  if (query.kind === "trend") return ok({ result: { kind: "trend", ...trend(query) }, about });
  if (query.kind === "funnel") return ok({ result: { kind: "funnel", ...funnel(query) }, about });
  return ok({ result: { kind: query.kind, groups: [], buckets: [], bins: [], nodes: [], edges: [], columns: [], events: [], total: 0, as_of: Date.now() }, about });
}

function report(campaign: Campaign) {
  const { counts } = campaign;
  const treated = { people: 43_960, converted: 2_418, revenue_minor: 18_204_500 };
  const control = { people: 5_230, converted: 226, revenue_minor: 1_642_000 };
  const few = campaign.state === "running";
  return {
    chosen: counts.chosen, control: counts.control, treated: counts.sent, sent: counts.sent, delivered: counts.sent - Math.round(counts.sent * 0.011), delivered_by: "sent_less_bounced", complained: Math.round(counts.sent * 0.0004), opened: Math.round(counts.sent * 0.34), clicked: Math.round(counts.sent * 0.082),
    bounced: Math.round(counts.sent * 0.011), unsubscribed: Math.round(counts.sent * 0.002), failed: counts.failed, unknown: 3, pending: counts.pending, cancelled: 0,
    suppressed: [{ reason: "cap_person", people: Math.round(counts.suppressed * 0.5) }, { reason: "no_address", people: Math.round(counts.suppressed * 0.3) }, { reason: "suppressed", people: Math.round(counts.suppressed * 0.2) }],
    goal: few
      ? { treated: { people: 6_120, converted: 84, revenue_minor: 620_300 }, control: { people: 1_248, converted: 14, revenue_minor: 92_000 }, complete: false, lift: { absolute: 0.0025, low: -0.0046, high: 0.0079, p_value: 0.48, enough: false } }
      : { treated, control, complete: true, lift: { absolute: 0.0118, low: 0.0057, high: 0.0172, relative: 0.273, relative_low: 0.11, relative_high: 0.46, p_value: 0.0003, enough: true } },
    sample: { expected_control: 0.1, p_value: 0.6, mismatch: false },
    as_of: new Date().toISOString(),
  };
}

function fill(text = ""): string {
  return text.replaceAll(/\{\{\s*person\.name[^}]*\}\}/g, "王静").replaceAll(/\{\{\s*project\.name\s*\}\}/g, project.name).replaceAll(/\{\{[^}]*\}\}/g, "…");
}

function rendered(campaign: Campaign, body: Record<string, unknown>) {
  const content = (body.content ?? campaign.content) as { subject?: string; html?: string };
  return { to: "m0***@example.com", subject: fill(content.subject), html: fill(content.html), text: "", missing: [] };
}

function people(query: URLSearchParams, total: number): Answer {
  const text = query.get("query");
  const found = text ? data.people.filter((person) => JSON.stringify(person).includes(text)) : data.people;
  const from = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 50);
  return page(found.slice(from, from + limit), text ? found.length : total, from + limit < found.length ? String(from + limit) : null);
}

/** Create, read, change and delete on a list in memory. */
function collection<T extends { id: number }>(list: T[], name: string, make: (body: Record<string, unknown>) => Omit<T, "id">) {
  return (call: Call, rest: string[]): Answer | null => {
    const [idText, action] = rest;
    if (action !== undefined) return null;
    if (idText === undefined) {
      if (call.method === "GET") return page(list.toReversed());
      const made = { id: state.nextId++, ...make(call.body) } as T;
      list.push(made);
      return ok(made);
    }
    if (!/^\d+$/.test(idText)) return null;
    const index = list.findIndex((item) => item.id === Number(idText));
    const item = list[index];
    if (!item) return fail(404, "not_found", { what: name, id: idText });
    if (call.method === "DELETE") {
      list.splice(index, 1);
      return { status: 204, body: null };
    }
    if (call.method === "PATCH") Object.assign(item, call.body);
    return ok(item);
  };
}

const tagsOf = collection<Tag>(data.tags, "tag", (body) => ({ name: "", display: "", description: "", directory: "", definition: { kind: "attribute", attribute: "" }, state: "ready", computed_at: null, coverage: 0, values: [], ...body }));
const segmentsOf = collection<Segment>(data.segments, "segment", (body) => ({ name: "", description: "", kind: "dynamic", condition: { kind: "all", of: [] }, count: countOf((body.condition ?? { kind: "all", of: [] }) as Condition), computed_at: data.at(0), history: [], used_by: [], ...body }));
const analysesOf = collection<Analysis>(data.analyses, "analysis", (body) => ({ name: "", description: "", query: { kind: "trend", series: [], range: { kind: "all" }, interval: "day" }, created_by: "user:1", created_at: data.at(0), updated_at: data.at(0), ...body }));
const campaignsOf = collection<Campaign>(data.campaigns, "campaign", (body) => ({ name: "", state: "draft", channel: "email", segment_id: null, content: { subject: "", html: "" }, control_percent: 10, goal: null, purpose: "marketing", automated: false, created_at: data.at(0), started_at: null, finished_at: null, updated_at: data.at(0), counts: { cancelled: 0, chosen: 0, control: 0, suppressed: 0, sent: 0, failed: 0, unknown: 0, pending: 0 }, ...body }));
const usersOf = collection(data.users, "user", (body) => ({ email: String(body.email), name: String(body.name), role: "operator" as const, active: true, locale: "zh-CN", created_at: data.at(0) }));
const suppressionsOf = collection(data.suppressions, "suppression", (body) => ({ channel: "email" as const, address: String(body.address), person: null, reason: "manual", created_by: "user:1", created_at: data.at(0) }));

function campaignAction(call: Call, id: number, action: string): Answer {
  const campaign = data.campaigns.find((item) => item.id === id);
  if (!campaign) return fail(404, "not_found");
  switch (action) {
    case "preview": return ok(rendered(campaign, call.body));
    case "audience": return ok({ chosen: 12_480, looked_at: 12_480, reachable: 10_302, control: 1_248, automated: false, suppressed_by_reason: [{ reason: "cap_person", people: 512 }, { reason: "no_address", people: 301 }, { reason: "suppressed", people: 117 }] });
    case "report": return ok(report(campaign));
    case "people": return page(data.people.slice(0, 50).map((person) => ({ person: person.person, name: person.attributes.name, email: "m***@example.com", at: data.at(DAY), reason: call.query.get("reason") })), 2_418);
    case "start": Object.assign(campaign, { state: "running", started_at: data.at(0), counts: { ...campaign.counts, chosen: 12_480, control: 1_248, suppressed: 930, sent: 120, pending: 10_182 } }); break;
    case "pause": campaign.state = "paused"; break;
    case "resume": campaign.state = "running"; break;
    case "cancel": campaign.state = "cancelled"; break;
  }
  return ok(campaign);
}

const orderMapping = { kind: "orders", columns: { 订单号: { to: "order_id" }, 手机号: { to: "phone" }, 支付时间: { to: "time" }, 实付金额: { to: "amount" }, 订单状态: { to: "status" }, 门店: { to: "property", name: "store", type: "text" }, 备注: { to: "ignore" } }, states: { 交易成功: "paid", 交易关闭: "unpaid" } };

const refused = [
  { row: 811, column: "支付时间", code: "bad_date", message: "is not a date", value: "2026-13-02" },
  { row: 9_119, column: "手机号", code: "masked_identifier", message: "is masked", value: "138****0001" },
  { row: 9_340, column: "订单号", code: "scientific_id", message: "was rounded", value: "1.23457E+17" },
  { row: 12_008, column: "订单状态", code: "unknown_state", message: "is a state that the mapping does not know", value: "拼团中" },
];
const imported = { id: 1, job_id: 1, name: "orders-2026-10.csv", kind: "orders", state: "done", dry_run: false, total: 168_205, rows: 168_205, accepted: 168_120, rejected: 62, skipped: 23, records: 168_431, bytes: 21_400_000, upload: null, segment: null, people: 0, header_row: 1, rejected_kept: true, mapping: orderMapping, reasons: [{ code: "masked_identifier", message: "is masked", rows: 48 }, { code: "bad_date", message: "is not a date", rows: 9 }, { code: "scientific_id", message: "was rounded", rows: 4 }, { code: "unknown_state", message: "is a state that the mapping does not know", rows: 1 }], errors: refused, created_at: data.at(DAY) };
const checked = { ...imported, id: 2, name: "门店销售明细.xlsx", dry_run: true, upload: 7, header_row: 3 };
const running = { ...imported, id: 3, state: "running", rows: 61_000, total: 168_205, accepted: 60_962, rejected: 31, skipped: 7, records: 61_204, errors: [], reasons: [{ code: "masked_identifier", message: "is masked", rows: 31 }] };
const IMPORTS = [running, checked, imported];

const preview = {
  encoding: "gb18030", delimiter: ",", format: "csv", sheets: [] as string[], sheet: null, header_row: 1, rows: null,
  columns: [["订单号", "A1001", "A1002"], ["手机号", "13800000001", "13800000002"], ["支付时间", "2026-10-01 12:03", "2026-10-01 12:09"], ["实付金额", "58.00", "36.50"], ["订单状态", "交易成功", "交易关闭", "拼团中"], ["门店", "静安寺店", "湖滨店"], ["备注", "", "少糖"]].map(([name, ...sample], index) => ({ name, sample, kind: "text", confidence: index === 1 ? "medium" : index > 4 ? "low" : "high" })),
  templates: [{ key: "saved:1", name: "门店月报", mapping: orderMapping }],
  guess: { ...orderMapping, states: { 交易成功: "paid", 交易关闭: "unpaid" } },
};

function importsOf(call: Call, rest: string[]): Answer {
  const [first, , action] = rest;
  if (first === "templates") return call.method === "GET" ? ok({ saved: [{ id: 1, name: "门店月报", mapping: orderMapping, updated_at: data.at(DAY) }], built_in: [{ key: "taobao_orders", name_zh: "淘宝/天猫 订单报表", name_en: "Taobao/Tmall orders", kind: "orders", columns: ["订单编号"] }] }) : ok({ id: 1 });
  if (first === "uploads") {
    if (action === "preview") return ok(call.body.sheet ? { ...preview, sheet: call.body.sheet } : { ...preview, format: "xlsx", encoding: null, delimiter: null, sheets: ["封面", "明细", "其他"], sheet: "明细", header_row: 3, rows: 168_205 });
    if (action === "start") return ok(call.body.dry_run ? checked : running);
    return ok({ id: 7, name: "门店销售明细.xlsx", bytes: 21_400_000, received: 21_400_000 });
  }
  return first ? ok(IMPORTS.find((item) => item.id === Number(first)) ?? imported) : page(IMPORTS);
}

function overview() {
  const next = data.random(3);
  const series = Array.from({ length: 30 }, (_, index) => {
    const events = Math.round((9_000 + 2_200 * Math.sin(index / 2.2) + next() * 1_500) * (index === 29 ? 0.45 : 1));
    return { day: data.dayText(Date.now() - (29 - index) * DAY), events, people: Math.round(events * 0.31) };
  });
  return { people: data.PEOPLE_TOTAL, events_today: series.at(-1)?.events, events_total: 3_144_856, series, checklist: { source: true, event: true, segment: true, campaign: false } };
}

export function answer(call: Call): Answer {
  const [head, ...rest] = call.path.split("/").filter(Boolean);
  if (head === "session") {
    if (call.method === "DELETE") state.loggedIn = false;
    if (call.method === "POST") {
      if (call.body.password === "wrong") return fail(401, "wrong_credentials");
      state.loggedIn = true;
    }
    return state.loggedIn ? ok(session()) : fail(401, "unauthenticated");
  }
  if (!state.loggedIn) return fail(401, "unauthenticated");
  return route(call, head ?? "", rest) ?? fail(404, "not_found");
}

function route(call: Call, head: string, rest: string[]): Answer | null {
  const [first, second] = rest;
  switch (`${head}/${first ?? ""}`) {
    case "quality/summary": return ok(data.qualitySummary());
    case "quality/series": return ok(data.qualitySeries());
    case "quality/rules": return ok({ items: data.qualityRules() });
    case "quality/alerts": return ok({ items: data.qualityRules().filter((rule) => rule.state === "firing").map((rule) => ({ ...rule, rule: rule.id, started_at: data.at(3_600_000), ended_at: null })) });
    case "quality/trace": return ok(data.trace());
    case "events/live": return ok({ items: data.liveEvents(call.query.get("event")) });
    case "events/names": return ok({ items: data.eventNames });
    case "events/properties": return ok({ items: data.properties[call.query.get("event") ?? ""] ?? [] });
    case "events/values": return ok({ items: (data.values[call.query.get("property") ?? ""] ?? []).map((value, index) => ({ value, count: 40_000 / (index + 1) })) });
    case "segments/count": return ok({ count: countOf(call.body.condition as Condition), total: data.PEOPLE_TOTAL, took_micros: 3_210, as_of: Date.now() });
    case "segments/from_people": return segmentsOf({ ...call, body: { name: call.body.name, kind: "snapshot", count: 812 } }, []);
    case "tags/preview": return ok({ values: data.tags[0]?.values, coverage: 128_436 });
    case "analyses/people": return ok({ count: 2_418, people: data.people.slice(0, 100) });
    case "analyses/table": return table();
    case "analyses/answer": return analysis(call.body as unknown as AnalysisQuery);
  }
  if (head === "people" && first) {
    if (second === "consent") return ok(personConsent(Number(first), rest[2]));
    if (second === "relations") return ok(personRelations(Number(first), rest.slice(2)));
    if (second === "copies" || second === "corrections" || second === "decisions") return ok(personRights(second));
    return second === "messages" ? page([{ send_id: "3-1", campaign_id: 3, person: 1, state: "sent", attempt: 1, bounced: false, bounce: "none", delivered_at: data.at(28 * DAY), finished_at: data.at(28 * DAY) }, { send_id: "2-1", campaign_id: 2, person: 1, state: "suppressed", reason: "cap_person", attempt: 0, bounced: false, bounce: "none", finished_at: data.at(600_000) }]) : personOf(call, rest);
  }
  if (head === "consent") return ok(consentOf(rest));
  if (head === "rights") return ok(rightsOf(rest, call.query));
  if (head === "plan") return planOf(call, rest);
  if (head === "relations") return ok(relationsOf(rest));
  if (head === "segments" && second === "flow") return ok(flowOf(rest.slice(2)));
  const aboutItems = itemsOf(call);
  if (aboutItems) return aboutItems;
  if (head === "attributes" && first) return ok({ items: (data.values[decodeURIComponent(first)] ?? []).map((value) => ({ value, count: 9_000 })) });
  if (head === "segments" && second === "people") return people(call.query, 12_480);
  if (second && ["tags", "segments"].includes(head)) return ok({});
  if (head === "campaigns" && first && second) return campaignAction(call, Number(first), second);
  if (head === "jobs" && first) return ok(data.jobs[0]);
  switch (head) {
    case "overview": return ok(overview());
    case "people": return people(call.query, data.PEOPLE_TOTAL);
    case "attributes": return ok({ items: data.attributes });
    case "tags": return tagsOf(call, rest);
    case "segments": return segmentsOf(call, rest);
    case "analyses": return analysesOf(call, rest);
    case "dashboards": return boardsOf(call, rest);
    case "annotations": return annotationsOf(call, rest);
    case "campaigns": return campaignsOf(call, rest);
    case "users": return usersOf(call, rest);
    case "suppressions": return call.method === "DELETE" || call.method === "POST" ? suppressionsOf(call, rest) : page(data.suppressions);
    case "keys": return call.method === "POST" ? ok({ id: state.nextId++, secret: "wk_mock_8f3a1c9d7e5b2046" }) : page(data.keys);
    case "jobs": return page(data.jobs);
    case "imports": return importsOf(call, rest);
    case "project": return ok(project);
    case "channels": return page([{ id: "email", configured: true, secrets_readable: true, settings: channels.email }, { id: "webhook", configured: false, secrets_readable: true, settings: {} }]);
    case "protection": return ok(call.method === "PUT" ? Object.assign(protection, call.body) : protection);
    case "audit": return page([{ seq: 2, at: data.at(600_000), actor: "user:1", actor_name: "林岚", action: "campaign.start", object: "campaign:2", detail: { people: 10_302 } }, { seq: 1, at: data.at(7_200_000), actor: "user:2", actor_name: "周扬", action: "segment.create", object: "segment:2", detail: {} }]);
    default: return null;
  }
}
