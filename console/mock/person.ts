/** One person whole: head, timeline, orders, notes. The first of the list has done 10,000 things, the last nothing. */
import type { Note, Order, PersonRow, Props, TimelineItem, TimelineOutline } from "../src/api/types";
import type { Answer, Call } from "./server.ts";
import * as data from "./data.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const MANY = 10_000;
const FEW = 140;
const SOURCES = ["官网", "小程序", "POS"];
const EVENTS = ["page_view", "page_view", "page_view", "item_view", "item_view", "search", "add_to_cart"];
const TITLES = ["首页", "手冲器具", "当季豆单", "会员中心", "门店自提"];

const ok = (body: unknown): Answer => ({ status: 200, body });

function sizeOf(row: PersonRow): number {
  if (row === data.people.at(-1)) return 0;
  return row === data.people[0] ? MANY : FEW;
}

const timelines = new Map<number, TimelineItem[]>();
const notes = new Map<number, Note[]>();

function props(name: string, next: () => number): Props {
  const title = TITLES[Math.floor(next() * TITLES.length)] ?? "";
  if (name === "search") return { keyword: title };
  return name === "page_view" ? { title, path: `/p/${Math.floor(next() * 90)}` } : { item_name: title, price_minor: 2_900 };
}

/** Visits of a few minutes, some of them with an order, and now and then a message, a consent, a link. */
function timelineOf(row: PersonRow): TimelineItem[] {
  const known = timelines.get(row.person);
  if (known) return known;
  const next = data.random(row.person);
  const items: TimelineItem[] = [];
  const size = sizeOf(row);
  let ago = 3 * MINUTE;
  let seq = size;
  const event = (name: string, values: Props, session: string | null): TimelineItem => {
    seq -= 1;
    const kind = name.startsWith("order_") ? "order" : name.startsWith("message_") ? "message" : "event";
    return { key: `${ago}.0.${seq}`, at: data.at(ago), kind, session, event: { seq, name, props: values, masked: [], source: SOURCES[seq % 3] ?? "" } };
  };
  while (items.length < size) {
    const session = data.at(ago + 20 * MINUTE);
    if (next() < 0.3) {
      const order = { order_id: `SO2026${seq}`, amount_minor: 3_800 + Math.floor(next() * 90) * 100, lines: 2 };
      items.push(event("order_paid", order, session), event("order_line", { item_name: TITLES[seq % 5] ?? "", quantity: 2, amount_minor: 1_900 }, session));
    }
    for (let left = 1 + Math.floor(next() * 14); left > 0; left -= 1) {
      ago += Math.floor(next() * 2 * MINUTE);
      const name = EVENTS[Math.floor(next() * EVENTS.length)] ?? "page_view";
      items.push(event(name, props(name, next), session));
    }
    ago += 40 * MINUTE + Math.floor(next() * next() * 3 * DAY * (FEW / Math.min(size, 600)));
    if (next() < 0.2) items.push(event(next() < 0.5 ? "message_opened" : "message_sent", { campaign_id: 3, channel: "email" }, null));
  }
  if (size > 0) {
    ago += DAY;
    items.push({ key: `${ago}.4`, at: data.at(ago), kind: "identity", identity: { identifiers: row.identifiers.slice(0, 2), active: true, source: "小程序" } });
    items.push({ key: `${ago}.3`, at: data.at(ago + MINUTE), kind: "consent", consent: { channel: "email", purpose: "marketing", state: "granted", source: "注册页" } });
  }
  timelines.set(row.person, items);
  return items;
}

function notesOf(row: PersonRow): Note[] {
  const known = notes.get(row.person);
  if (known) return known;
  const list: Note[] = sizeOf(row) === 0 ? [] : [
    { id: 1, text: "对坚果过敏，推荐时避开。", pinned: true, author: "周扬", mine: false, created_at: data.at(60 * DAY) },
    { id: 2, text: "双 11 前想订公司下午茶，约 30 份，11 月初再联系。", pinned: false, author: "林岚", mine: true, created_at: data.at(4 * DAY), edited_at: data.at(3 * DAY) },
  ];
  notes.set(row.person, list);
  return list;
}

function ordersOf(row: PersonRow): Order[] {
  return timelineOf(row).filter((item) => item.event?.name === "order_paid").map((item, at) => {
    const paid = Number(item.event?.props.amount_minor);
    const refunded = at % 7 === 3 ? paid : at % 5 === 2 ? 1_900 : 0;
    const state = refunded === 0 ? "paid" : refunded === paid ? "refunded" : "partly_refunded";
    const lines = [["P-118", "埃塞俄比亚 耶加雪菲 250g", paid - 1_900], ["P-9", "滤纸 100 张", 1_900]].map(([id, name, amount]) => ({ line_id: "", item_id: String(id), item_type: "product", name: String(name), quantity: 1, amount_minor: Number(amount), refunded_minor: 0 }));
    const order_id = String(item.event?.props.order_id);
    const payments = [{ payment_id: `P-${order_id}`, at: item.at, amount_minor: paid, method: "微信支付" }];
    const refunds = refunded === 0 ? [] : [{ refund_id: `R-${order_id}`, at: item.at, amount_minor: refunded, item_id: "", line_id: "", reason: "" }];
    return { order_id, person: row.person, person_name: null, at: item.at, placed_at: null, state, channel: "小程序", store: null, staff: null, payments, refunds, paid_minor: paid, refunded_minor: refunded, net_minor: paid - refunded, lines, source: item.event?.source ?? "" };
  });
}

function headOf(row: PersonRow): Answer {
  const nothing = sizeOf(row) === 0;
  const orders = ordersOf(row);
  const paid = orders.reduce((sum, order) => sum + order.paid_minor, 0);
  const refunded = orders.reduce((sum, order) => sum + order.refunded_minor, 0);
  const value = { orders: orders.filter((order) => order.state !== "refunded").length, refunded_orders: orders.filter((order) => order.state === "refunded").length, paid_minor: paid, refunded_minor: refunded, net_minor: paid - refunded, average_minor: orders.length === 0 ? null : Math.round((paid - refunded) / orders.length), first_order: orders.at(-1)?.at ?? null, last_order: orders[0]?.at ?? null, days_since: orders.length === 0 ? null : 1 };
  const origins = Object.fromEntries(Object.keys(row.attributes).map((name, at) => [name, { at: data.at(at * DAY), since: data.at((at + 40) * DAY), source: SOURCES[at % 3], identifier: row.identifiers[0], has_history: at % 2 === 0 }]));
  const tags = [
    { id: 1, name: "客户价值", directory: "会员/价值", value: "important_value", rfm: true },
    { id: 2, name: "口味偏好", directory: "会员/偏好", value: "浅烘", rfm: false },
    { id: 3, name: "常去门店", directory: "会员/偏好", value: "静安寺店", rfm: false },
  ];
  return ok({
    ...row,
    attributes: nothing ? {} : row.attributes,
    identifiers: nothing ? [{ namespace: "device", value: "3f9c11d07aa24be1" }] : row.identifiers,
    masked_attributes: [],
    masked_identifiers: [],
    members: nothing ? [row.person] : [row.person, row.person + 1],
    origins: nothing ? {} : origins,
    tags: nothing ? [] : tags,
    segments: nothing ? [] : [{ id: 1, name: "烘焙老客" }, { id: 2, name: "近 30 天活跃" }],
    stats: { events: sizeOf(row), orders: orders.length, amount_minor: paid, first_seen: nothing ? null : timelineOf(row).at(-1)?.at, last_seen: nothing ? null : timelineOf(row)[0]?.at, first_source: nothing ? null : "小程序", last_source: nothing ? null : "官网" },
    value,
    advice: nothing ? [] : [{ kind: "birthday", days: 3 }, { kind: "due", days: 13, every: 10 }],
    lifecycle: nothing ? null : { stage: "active", basis: "order", days: 1, new_days: 30, active_days: 60, cooling_days: 180 },
  });
}

function withNotes(row: PersonRow): TimelineItem[] {
  const written = notesOf(row).map((note): TimelineItem => ({ key: `note.${note.id}`, at: note.created_at, kind: "note", note }));
  return [...timelineOf(row), ...written].toSorted((a, b) => b.at.localeCompare(a.at));
}

function timeline(row: PersonRow, query: URLSearchParams): Answer {
  const kinds = query.get("kinds")?.split(",");
  const events = query.get("events")?.split(",");
  const text = query.get("query")?.toLowerCase();
  const before = query.get("before");
  const found = withNotes(row).filter(
    (item) => (!kinds || kinds.includes(item.kind)) && (!events || events.includes(item.event?.name ?? "")) && (!text || JSON.stringify(item).toLowerCase().includes(text)) && (!before || item.at < before),
  );
  const from = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 50);
  return ok({ items: found.slice(from, from + limit), next_cursor: from + limit < found.length ? String(from + limit) : null, total: null });
}

function outline(row: PersonRow): Answer {
  const days = new Map<string, number>();
  const kinds = new Map<string, number>();
  const events = new Map<string, number>();
  for (const item of withNotes(row).toReversed()) {
    const day = data.dayText(Date.parse(item.at));
    days.set(day, (days.get(day) ?? 0) + 1);
    kinds.set(item.kind, (kinds.get(item.kind) ?? 0) + 1);
    if (item.event) events.set(item.event.name, (events.get(item.event.name) ?? 0) + 1);
  }
  const answer: TimelineOutline = {
    kinds: [...kinds].map(([kind, count]) => ({ kind: kind as TimelineItem["kind"], count })),
    events: [...events].map(([event, count]) => ({ event, kind: "event" as const, count })),
    days: [...days].map(([date, count]) => ({ date, count })),
  };
  return ok(answer);
}

function noted(row: PersonRow, call: Call, id: string | undefined): Answer {
  const list = notesOf(row);
  if (call.method === "POST") {
    const note: Note = { id: list.length + 10, text: String(call.body.text), pinned: false, author: "林岚", mine: true, created_at: new Date().toISOString() };
    list.unshift(note);
    return ok(note);
  }
  const at = list.findIndex((note) => String(note.id) === id);
  const note = list[at];
  if (call.method === "PATCH" && note) return ok(Object.assign(note, call.body));
  if (call.method === "DELETE" && note) list.splice(at, 1);
  return ok({ items: list.toSorted((a, b) => Number(b.pinned) - Number(a.pinned)), next_cursor: null, total: list.length });
}

export function personOf(call: Call, [person, part, detail]: string[]): Answer {
  const row = data.people.find((item) => item.person === Number(person));
  if (!row) return { status: 404, body: { error: { code: "not_found", message: "not_found", params: { what: "person" }, request_id: "req-mock-1" } } };
  switch (part) {
    case "timeline": return detail === "outline" ? outline(row) : timeline(row, call.query);
    case "notes": return noted(row, call, detail);
    case "orders": {
      const limit = Number(call.query.get("limit") ?? 50);
      const from = Number(call.query.get("cursor") ?? 0);
      const orders = ordersOf(row);
      return ok({ items: orders.slice(from, from + limit), next_cursor: from + limit < orders.length ? String(from + limit) : null, total: orders.length });
    }
    case "attributes": return ok({ items: [{ at: data.at(40 * DAY), kind: "set", value: "上海", source: "小程序", identifier: row.identifiers[0], holds: true }, { at: data.at(300 * DAY), kind: "set", value: "苏州", source: "官网", identifier: row.identifiers.at(-1), holds: false }], next_cursor: null, total: 2 });
    default: return headOf(row);
  }
}
