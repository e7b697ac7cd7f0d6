/** The tracking plan of the bakery: declared, learned, drifting and set aside. */
import type { PlanPropertyItem, PlanSubjectItem, QuarantineItem } from "../src/api/types";
import { at, eventNames } from "./data.ts";
import type { Answer, Call } from "./server.ts";

const ok = (body: unknown): Answer => ({ status: 200, body });
const page = (items: unknown[]): Answer => ok({ items, next_cursor: null, total: items.length });

const HOUR = 3_600_000;

const settings = { mode: "lenient" };

const subject = (name: string, count: number, more: Partial<PlanSubjectItem> = {}): PlanSubjectItem => ({
  kind: "event", name, status: "learned", display_zh: "", display_en: "", description: "", owner: "", category: "", standard: false, pattern: false,
  count, first_seen: at(200 * 24 * HOUR), last_seen: at(HOUR), properties: 4, drifting: 0, overflow: 0, ...more,
});

const subjects: PlanSubjectItem[] = [
  ...eventNames.map((event) => subject(event.name, event.count, { standard: true, status: "verified" })),
  subject("coupon_used", 8_212, { status: "verified", display_zh: "使用优惠券", display_en: "Coupon used", owner: "林岚", category: "交易", description: "结账时核销一张券。", drifting: 1 }),
  subject("couponUsed", 31),
  subject("view_*", 1_204, { pattern: true }),
  subject("tasting_booked", 0, { status: "planned", display_zh: "预约试吃", owner: "周扬", first_seen: null, last_seen: null }),
  subject("old_click", 420, { status: "blocked" }),
  subject("", 128_436, { kind: "people", status: "verified", properties: 12 }),
  subject("sku", 812, { kind: "item", status: "verified" }),
];

const property = (name: string, more: Partial<PlanPropertyItem> = {}): PlanPropertyItem => ({
  name, status: "verified", display_zh: "", display_en: "", description: "", value_type: "text", inferred: false, unit: "", required: false, standard: false, pattern: false,
  count: 8_212, first_seen: at(200 * 24 * HOUR), last_seen: at(HOUR), shapes: [{ shape: "text", count: 8_212 }], drifting: 0, drift: [], variant_of: null, ...more,
});

const items: PlanPropertyItem[] = [
  property("amount_minor", {
    value_type: "money", unit: "分", required: true, display_zh: "金额", drifting: 37, shapes: [{ shape: "integer", count: 8_175 }, { shape: "text", count: 31 }, { shape: "fraction", count: 6 }],
    drift: [
      { shape: "text", source: "小程序", library: "MiniProgram 1.18.2", count: 31, first_seen: at(70 * HOUR), last_seen: at(HOUR), example: "99字" },
      { shape: "fraction", source: "POS", library: "", count: 6, first_seen: at(20 * HOUR), last_seen: at(9 * HOUR), example: "99.9" },
    ],
  }),
  property("coupon_id", { required: true, display_zh: "券号" }),
  property("Coupon_id", { status: "learned", inferred: true, count: 12, variant_of: "coupon_id", shapes: [{ shape: "text", count: 12 }] }),
  property("store", { display_zh: "门店" }),
  property("$os", { status: "learned", inferred: true, standard: true }),
];

const record = { time: at(HOUR), ids: [{ namespace: "login", value: "m20417" }], body: { event: { name: "couponUsed", props: { coupon_id: "C-2041", amount_minor: 1_800 } } } };

const quarantine: QuarantineItem[] = [
  { seq: 12, state: "open", reason: "event_undeclared", field: "", kind: "event", subject: "couponUsed", time: at(HOUR), received_at: at(HOUR), message: "", protocol: "own", replayable: true, source: "小程序", whole: true, record },
  { seq: 11, state: "open", reason: "type_mismatch", field: "amount_minor", kind: "event", subject: "coupon_used", time: at(2 * HOUR), received_at: at(2 * HOUR), message: "", protocol: "own", replayable: true, source: "小程序", whole: true, record },
  { seq: 10, state: "open", reason: "key_undeclared", field: "Coupon_id, memo", kind: "event", subject: "coupon_used", time: at(3 * HOUR), received_at: at(3 * HOUR), message: "", protocol: "own", replayable: true, source: "POS", whole: false, record },
  { seq: 9, state: "replayed", reason: "property_missing", field: "coupon_id", kind: "event", subject: "coupon_used", time: at(5 * HOUR), received_at: at(5 * HOUR), message: "", protocol: "own", replayable: true, source: "POS", whole: true, record },
  { seq: 8, state: "open", reason: "unknown_type", field: "type", message: "is not a known type", protocol: "sensors", replayable: true, kind: "event", subject: "", time: at(90_000), received_at: at(90_000), source: "小程序", whole: true, excerpt: '{"type":"dance","distinct_id":"u1"}' },
  { seq: 7, state: "open", reason: "future_time", field: "time", message: "more than a day in the future", protocol: "own", replayable: true, kind: "event", subject: "order_paid", time: at(-400 * 86_400_000), received_at: at(120_000), source: "网站", whole: true, record: { time: at(-400 * 86_400_000), ids: [{ namespace: "login", value: "u_1" }], body: { event: { name: "order_paid", props: {} } } } },
];

const given = (name: string, display_zh: string, display_en: string) => ({ name, display_zh, display_en });

export function planOf(call: Call, rest: string[]): Answer {
  const one = (name: string | null) => subjects.find((known) => known.name === name && known.kind === (call.query.get("kind") ?? "event"));
  switch (rest.join("/")) {
    case "":
      return ok({
        mode: settings.mode, revision: 7, in_force: 7, statuses: { learned: 2, planned: 1, verified: 11, deprecated: 0, blocked: 1 }, drifting: 1,
        limits: { subjects_max: 5_000, properties_max: 500, subjects_overflow: 0, properties_overflow: 0 },
        quarantine: { open: 3, reasons: { event_undeclared: 1, type_mismatch: 1, key_undeclared: 1 }, dropped: 0, bytes: 2_412_000, bytes_max: 268_435_456 },
      });
    case "mode":
      settings.mode = String(call.body.mode);
      return ok({});
    case "names": return ok({ events: [given("coupon_used", "使用优惠券", "Coupon used")], properties: [given("coupon_id", "券号", "Coupon number")], attributes: [] });
    case "preview":
      return ok({ records: 18_204, aside: 37, without_keys: 12, rows: [
        { reason: "event_undeclared", kind: "event", subject: "couponUsed", field: "", records: 31 },
        { reason: "key_undeclared", kind: "event", subject: "coupon_used", field: "Coupon_id", records: 12 },
        { reason: "type_mismatch", kind: "event", subject: "coupon_used", field: "amount_minor", records: 6 },
      ] });
    case "subjects": {
      const [text, status, kind] = ["query", "status", "kind"].map((name) => call.query.get(name) ?? "");
      return page(subjects.filter((row) => `${row.name}${row.display_zh}`.includes(text ?? "") && (!status || row.status === status) && (!kind || row.kind === kind) && (call.query.get("drifting") !== "true" || row.drifting > 0)));
    }
    case "subject": return ok({ ...(one(call.query.get("name")) ?? one("coupon_used")), items });
    case "quarantine": return page(quarantine.filter((row) => !call.query.get("state") || row.state === call.query.get("state")));
    case "quarantine/replay": return ok({ job_id: 1 });
    default: return ok({ subjects: 2, properties: 5 });
  }
}
