/** A small bakery for looking at pages: deterministic people, events, tags, segments, campaigns. */
import type { Analysis, Campaign, Condition, Job, Key, LiveEvent, PersonRow, Props, Segment, Suppression, Tag, User } from "../src/api/types";

const DAY = 86_400_000;
const NOW = Date.now();
export const at = (millisAgo: number) => new Date(NOW - millisAgo).toISOString();
export const dayText = (millis: number) => new Date(millis + 8 * 3_600_000).toISOString().slice(0, 10);

/** A repeatable stream of numbers in 0..1. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function hash(text: string): number {
  let value = 2_166_136_261;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return value;
}

const SURNAMES = [..."王李张刘陈杨赵黄周吴徐孙"];
const GIVEN = ["静", "丽娜", "伟", "小敏", "子涵", "雨桐", "浩然", "欣怡", "建国", "思远"];
const CITIES = ["上海", "杭州", "北京", "广州", "成都", "南京"];
const LEVELS = ["金卡", "银卡", "普通"];
const CATEGORIES = ["烘焙", "咖啡", "蛋糕", "茶饮", "周边"];
const ITEMS = ["海盐可颂", "巴斯克芝士蛋糕", "燕麦拿铁", "肉松小贝", "桂花乌龙"];

function pick<T>(list: readonly T[], value: number): T {
  return list[Math.floor(value * list.length)] as T;
}

export const PEOPLE_TOTAL = 128_436;

export const people: PersonRow[] = Array.from({ length: 120 }, (_, index) => {
  const next = random(index + 7);
  const phone = `138${String(10_000_000 + Math.floor(next() * 89_999_999))}`;
  return {
    person: 1000 + index * 7,
    identifiers: [
      { namespace: "phone", value: `${phone.slice(0, 3)}****${phone.slice(-4)}` },
      ...(next() < 0.6 ? [{ namespace: "email", value: `m${index}***@example.com` }] : []),
      { namespace: "login", value: `u${4200 + index}` },
    ],
    attributes: { name: pick(SURNAMES, next()) + pick(GIVEN, next()), city: pick(CITIES, next()), level: pick(LEVELS, next()), age: 18 + Math.floor(next() * 45) },
    first_seen: at((60 + next() * 500) * DAY),
    last_seen: at(next() * 40 * DAY),
    event_count: 3 + Math.floor(next() * 160),
  };
});

function eventProps(name: string, next: () => number): Props {
  if (name === "order_paid") return { order_id: `A${Math.floor(next() * 90_000)}`, amount_minor: 1800 + Math.floor(next() * 200) * 50, store: "静安寺店" };
  if (name === "order_line") return { order_id: `A${Math.floor(next() * 90_000)}`, item_name: pick(ITEMS, next()), category: pick(CATEGORIES, next()), quantity: 1 + Math.floor(next() * 3), amount_minor: 1800 };
  if (name.startsWith("message_")) return { campaign_id: 3, channel: "email" };
  return { url: "https://shop.example.com/menu", title: "菜单", referrer: "weixin" };
}

const KINDS = ["page_view", "page_view", "order_paid", "order_line", "order_line", "message_sent", "message_opened", "add_to_cart"];

let liveSeq = 5_000;
export function liveEvents(event: string | null): LiveEvent[] {
  liveSeq += 1;
  return Array.from({ length: 24 }, (_, index) => {
    const next = random(liveSeq - index);
    const name = event ?? pick(KINDS, next());
    const who = pick(people, next());
    return { seq: liveSeq - index, time: at(index * 1400), received_at: at(index * 1400 - 200), event: name, person: who.person, source: pick(["官网", "小程序", "POS"], next()), ids: who.identifiers, props: eventProps(name, next) };
  });
}

export const eventNames = [
  ["page_view", 2_180_422],
  ["order_line", 402_118],
  ["order_paid", 168_205],
  ["add_to_cart", 311_900],
  ["message_sent", 52_300],
  ["message_opened", 18_402],
  ["order_refunded", 2_109],
  ["visit_store", 9_400],
].map(([name, count]) => ({ name: String(name), count: Number(count), first_seen: at(400 * DAY), last_seen: at(60_000), display: String(name) }));

export const properties: Record<string, { name: string; kind: "text" | "number"; count: number }[]> = {
  order_paid: [["order_id", "text"], ["amount_minor", "number"], ["store", "text"]].map(toProperty),
  order_line: [["item_name", "text"], ["category", "text"], ["quantity", "number"], ["amount_minor", "number"]].map(toProperty),
  page_view: [["url", "text"], ["title", "text"], ["referrer", "text"]].map(toProperty),
};

function toProperty([name, kind]: string[]) {
  return { name: name ?? "", kind: kind === "number" ? ("number" as const) : ("text" as const), count: 1000 };
}

export const values: Record<string, string[]> = { category: CATEGORIES, store: ["静安寺店", "徐家汇店", "湖滨店"], item_name: ITEMS, city: CITIES, level: LEVELS, referrer: ["weixin", "douyin", "direct"] };

export const attributes = [
  { name: "city", kind: "text" as const, count: 120_300, policy: "latest" as const },
  { name: "level", kind: "text" as const, count: 128_000 },
  { name: "age", kind: "number" as const, count: 98_000 },
  { name: "name", kind: "text" as const, count: 90_100 },
];

const bakery: Condition = {
  kind: "all",
  of: [
    { kind: "event", event: "order_line", filters: [{ property: "category", test: { op: "is", values: ["烘焙"] } }], window: { kind: "last_days", days: 60 }, measure: { kind: "count" }, compare: "at_least", value: 2 },
    { kind: "any", of: [{ kind: "attribute", name: "city", test: { op: "is", values: ["上海", "杭州"] } }, { kind: "tag", tag: 1, test: { op: "is", values: ["重要价值", "重要发展"] } }] },
    { kind: "event", event: "order_refunded", filters: [], window: { kind: "last_days", days: 90 }, measure: { kind: "count" }, compare: "equal", value: 0 },
    { kind: "not", of: { kind: "segment", segment: 2 } },
  ],
};
const asleep: Condition = {
  kind: "all",
  of: [
    { kind: "event", event: "order_paid", filters: [], window: { kind: "last_days", days: 365 }, measure: { kind: "sum", property: "amount_minor" }, compare: "at_least", value: 100_000 },
    { kind: "event", event: "order_paid", filters: [], window: { kind: "last_days", days: 60 }, measure: { kind: "count" }, compare: "equal", value: 0 },
  ],
};

const history = (end: number, seed: number) => {
  const next = random(seed);
  return Array.from({ length: 30 }, (_, index) => ({ at: at((29 - index) * DAY), count: Math.round(end * (0.82 + (0.18 * index) / 29) + (next() - 0.5) * end * 0.04) }));
};

export const segments: Segment[] = [
  { id: 1, name: "烘焙老客", description: "", kind: "dynamic", condition: bakery, count: 12_480, computed_at: at(4 * 60_000), history: history(12_480, 1), used_by: ["双11 预热"] },
  { id: 2, name: "高价值沉睡客户", description: "一年消费满 ¥1,000,最近 60 天没有下单", kind: "dynamic", condition: asleep, count: 3_214, computed_at: at(5 * 60_000), history: history(3214, 9), used_by: [] },
  { id: 3, name: "10 月活动到店名单", description: "", kind: "snapshot", condition: { kind: "all", of: [] }, count: 862, computed_at: at(20 * DAY), history: [], used_by: [] },
];

const rfm = [["重要价值", 9_804], ["重要发展", 14_201], ["重要保持", 6_120], ["重要挽留", 3_214], ["一般价值", 22_400], ["一般发展", 31_050], ["一般保持", 18_900], ["一般挽留", 22_747]];
export const tags: Tag[] = [
  { id: 1, name: "rfm", display: "客户价值", description: "按最近购买、次数、金额分 8 类", directory: "交易/价值", definition: { kind: "rfm", event: "order_paid", amount: "amount_minor", window: { kind: "last_days", days: 365 }, method: "share" }, state: "ready", computed_at: at(3_600_000), coverage: 128_436, values: rfm.map(([value, count]) => ({ value: String(value), people: Number(count) })) },
  { id: 2, name: "taste", display: "口味偏好", description: "", directory: "偏好", definition: { kind: "rule", values: [{ value: "烘焙控", condition: bakery }, { value: "咖啡党", condition: asleep }], otherwise: "尝鲜" }, state: "ready", computed_at: at(7_200_000), coverage: 96_002, values: [{ value: "烘焙控", people: 31_200 }, { value: "咖啡党", people: 22_802 }, { value: "尝鲜", people: 42_000 }] },
  { id: 3, name: "city_tag", display: "常驻城市", description: "", directory: "基础", definition: { kind: "attribute", attribute: "city" }, state: "failed", error: "属性 city 的类型变了", computed_at: null, coverage: 0, values: [] },
];

const counts = { cancelled: 0, chosen: 0, control: 0, suppressed: 0, sent: 0, failed: 0, unknown: 0, pending: 0 };
const goal = { event: { event: "order_paid", filters: [] }, window_hours: 72 };
export const campaigns: Campaign[] = [
  { id: 1, name: "双11 预热 · 烘焙老客", state: "draft", channel: "email", segment_id: 1, content: { subject: "", html: "" }, control_percent: 10, goal, purpose: "marketing", automated: false, created_at: at(3_600_000), started_at: null, finished_at: null, updated_at: at(3_600_000), counts },
  { id: 2, name: "周末新品", state: "running", channel: "email", segment_id: 1, content: { subject: "x", html: "y" }, control_percent: 10, goal, purpose: "marketing", automated: false, created_at: at(2 * DAY), updated_at: at(600_000), started_at: at(600_000), finished_at: null, counts: { ...counts, chosen: 12_480, control: 1_248, suppressed: 930, sent: 6_120, pending: 4_182 } },
  { id: 3, name: "十月会员召回", state: "finished", channel: "email", segment_id: 2, content: { subject: "x", html: "y" }, control_percent: 10, goal, purpose: "marketing", automated: false, created_at: at(30 * DAY), updated_at: at(28 * DAY), started_at: at(28 * DAY), finished_at: at(27 * DAY), counts: { ...counts, chosen: 52_300, control: 5_230, suppressed: 3_110, sent: 43_960 } },
];

export const users: User[] = [
  { id: 1, email: "owner@example.com", name: "林岚", role: "owner", active: true, locale: "zh-CN", created_at: at(90 * DAY) },
  { id: 2, email: "ops@example.com", name: "周扬", role: "operator", active: true, locale: "zh-CN", created_at: at(90 * DAY) },
  { id: 3, email: "ana@example.com", name: "何敏", role: "analyst", active: false, locale: "en", created_at: at(90 * DAY) },
];
export const keys: Key[] = [
  { id: 1, name: "官网", kind: "write", role: null, trust_time: false, hint: "wk_8f3a", created_at: at(90 * DAY) },
  { id: 2, name: "数据仓库", kind: "api", role: "analyst", trust_time: false, hint: "sk_19c2", created_at: at(20 * DAY) },
];
export const jobs: Job[] = [
  { id: 1, kind: "import", state: "running", done: 61_000, total: 168_000, note: "orders-2026-10.csv", error: null, result: null, created_at: at(40_000), finished_at: null },
  { id: 2, kind: "segment", state: "done", done: 1, total: 1, note: "烘焙老客", error: null, result: null, created_at: at(3_600_000), finished_at: at(3_590_000) },
];
export const analyses: Analysis[] = [
  { id: 1, name: "每天支付人数", description: "", query: { kind: "trend", series: [{ event: "order_paid", filters: [], measure: { kind: "people" } }], range: { kind: "last_days", days: 30 }, interval: "day" }, created_by: "user:1", created_at: at(DAY), updated_at: at(DAY) },
  { id: 2, name: "浏览到支付", description: "", query: { kind: "funnel", steps: [{ event: "page_view", filters: [] }, { event: "add_to_cart", filters: [] }, { event: "order_paid", filters: [] }], range: { kind: "last_days", days: 30 }, window: { kind: "elapsed", seconds: 604_800 }, must_increase: false }, created_by: "user:1", created_at: at(DAY), updated_at: at(2 * DAY) },
];
export const suppressions: Suppression[] = [
  { id: 1, channel: "email", address: "m***@example.com", person: null, reason: "unsubscribed", created_by: "user:1", created_at: at(5 * DAY) },
  { id: 2, channel: "email", address: "x***@example.com", person: null, reason: "bounced", created_by: "system", created_at: at(9 * DAY) },
];

const lateness = (ms: number | null) => ({ at_most_ms: ms });

const sums = (records: number, rejected: number, duplicates: number) => ({ records, rejected, duplicates, late_p50: lateness(1_000), late_p95: lateness(900_000) });

export function qualitySummary() {
  const series = [["网站", "page_view", 48_210, 3, 120], ["小程序", "order_paid", 1_204, 18, 44], ["网站", "(profile)", 960, 0, 2], ["小程序", "(unreadable)", 0, 7, 0]] as const;
  return {
    from: at(7 * 86_400_000),
    series: series.map(([source, event, records, rejected, duplicates]) => ({ source, event, first_seen: at(90 * 86_400_000), last_seen: at(60_000), ...sums(records, rejected, duplicates), days: Array.from({ length: 7 }, (_, day) => Math.round(records / 7) + (hash(`${event}${day}`) % 90)) })),
    sources: [
      { name: "网站", last_seen: at(60_000), ...sums(49_170, 3, 122), libraries: [{ name: "siyu-web", version: "0.1.0", first_seen: at(90 * 86_400_000), last_seen: at(60_000), requests: 9_120 }], files: [] },
      { name: "小程序", last_seen: at(120_000), ...sums(1_204, 25, 44), libraries: [{ name: "MiniProgram", version: "3.18.0", first_seen: at(90 * 86_400_000), last_seen: at(120_000), requests: 412 }], files: [] },
      { name: "(imports)", last_seen: at(3_600_000), ...sums(168_432, 62, 0), libraries: [], files: [
        { name: "orders-2026-10.csv", last_seen: at(3_600_000), ...sums(168_120, 62, 0) },
        { name: "members.xlsx", last_seen: at(7_200_000), ...sums(312, 0, 0) },
      ] },
    ],
    dedupe: { window_hours: 48, keys: 98_400, import_keys: 1_200_000, bytes: 24_117_248, horizon: null },
  };
}

export function qualitySeries() {
  const points = Array.from({ length: 48 }, (_, hour) => ({ at: at((47 - hour) * 3_600_000), records: 20 + (hash(String(hour)) % 80), rejected: 0, duplicates: 1, late_p50: lateness(1_000), late_p95: lateness(900_000) }));
  const rows = [["order_id", "text", 1_204, 0, 0], ["amount_minor", "number", 1_190, 0, 31], ["coupon", "text", 310, 12, 0]] as const;
  return { points, reasons: [{ code: "future_time", count: 11 }, { code: "wrong_type", count: 7 }], properties: rows.map(([name, kind, present, empty, drifted]) => ({ name, kind, present, missing: 1_204 - present, empty, drifted })), looked_at: 1_204, other_values: 0 };
}

const qualityRule = (id: number, source: string, event: string, kind: string, threshold: number, state: string, observed: number, expected: number) => ({ id, source, event, kind, threshold, enabled: true, created_at: at(30 * 86_400_000), checked_at: at(120_000), state, observed, expected });

export function qualityRules() {
  return [qualityRule(1, "小程序", "order_paid", "below", 50, "firing", 14, 61.5), qualityRule(2, "网站", "", "silent", 30, "ok", 1, 30)];
}

const stage = (name: string, verdict: string, code: string, more: object = {}) => ({ stage: name, verdict, code, at: null, reason: null, field: null, shift_ms: null, person: null, number: null, ...more });

const traceItem = (position: number, event: string, stages: object[]) => ({ position, received_at: at(300_000), source: "小程序", protocol: "sensors", event, client_time: at(7_500_000), sent_at: at(7_499_000), ids: [{ namespace: "device", value: "d-7f3a" }], props: { order_id: "O-1001" }, stages });

export function trace() {
  const start = [stage("received", "passed", "received", { at: at(300_000) }), stage("decoded", "passed", "decoded"), stage("unique", "passed", "first_time")];
  return {
    items: [
      traceItem(8_122, "order_paid", [...start, stage("time", "changed", "time_corrected", { shift_ms: 7_200_000 }), stage("identified", "passed", "person", { person: 1000 }), stage("stored", "passed", "in_analyses", { at: at(300_000) })]),
      traceItem(8_120, "order_paid", [...start, stage("time", "stopped", "time_parked", { reason: "future_time", number: 4 })]),
      traceItem(8_101, "order_paid", [...start.slice(0, 2), stage("unique", "stopped", "duplicate", { at: at(600_000) })]),
    ],
    frames: 8_123, back_to: at(40 * 86_400_000), more: null, person: 1000,
  };
}
