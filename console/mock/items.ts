/** Items and orders from memory: a few products and stores, and orders of them. */
import type { Item, ItemType, Order } from "../src/api/types";
import type { Answer, Call } from "./server.ts";
import * as data from "./data.ts";

const DAY = 86_400_000;
const ok = (body: unknown): Answer => ({ status: 200, body });
const page = (items: unknown[]): Answer => ok({ items, next_cursor: null, total: items.length });

const CATEGORIES = ["烘焙", "饮料", "咖啡豆"];
const products: Item[] = Array.from({ length: 24 }, (_, n) => ({
  item_type: "product",
  item_id: `P-${100 + n}`,
  name: `${CATEGORIES[n % 3]} ${n + 1} 号`,
  attributes: { name: `${CATEGORIES[n % 3]} ${n + 1} 号`, category: CATEGORIES[n % 3] ?? "", price_minor: 900 + n * 150 },
  tags: n % 6 === 0 ? ["新品"] : [],
}));
const stores: Item[] = ["西湖店", "国贸店"].map((name, n) => ({ item_type: "store", item_id: `s-${n + 1}`, name, attributes: { name, city: n === 0 ? "杭州" : "北京" }, tags: n === 0 ? ["旗舰店"] : [] }));
const items = [...products, ...stores];

function typeOf(name: string, property: string): ItemType {
  const own = items.filter((item) => item.item_type === name);
  const names = [...new Set(own.flatMap((item) => Object.keys(item.attributes)))];
  const tags = [...new Set(own.flatMap((item) => item.tags))].map((tag) => ({ tag, items: own.filter((item) => item.tags.includes(tag)).length }));
  return { name, display: null, description: "", property, standard: true, declared: false, items: own.length, attributes: names.map((attribute) => ({ name: attribute, kind: attribute === "price_minor" ? "number" : "text", items: own.length })), tags };
}

const types = [typeOf("product", "item_id"), typeOf("store", "store_id"), typeOf("staff", "staff_id"), typeOf("content", "content_id"), typeOf("coupon", "coupon_id")];

const orders: Order[] = Array.from({ length: 30 }, (_, n) => {
  const product = products[n % products.length];
  const paid = 1_800 + n * 120;
  const refunded = n % 9 === 4 ? 600 : 0;
  const at = data.at(n * DAY * 0.7);
  const order_id = `SO-${9_000 + n}`;
  return {
    order_id, person: 1_000 + n, person_name: null, at, placed_at: at, state: refunded > 0 ? "partly_refunded" : "paid", paid_minor: paid, refunded_minor: refunded, net_minor: paid - refunded, channel: "小程序",
    store: { id: "s-1", name: "西湖店" }, staff: null, source: "官网",
    lines: [{ line_id: "1", item_id: product?.item_id ?? "", item_type: "product", name: product?.name ?? null, quantity: 2, amount_minor: paid, refunded_minor: refunded }],
    payments: [{ payment_id: `P-${n}`, at, amount_minor: paid, method: "微信支付" }],
    refunds: refunded > 0 ? [{ refund_id: `R-${n}`, at, amount_minor: refunded, item_id: "", line_id: "1", reason: "破损" }] : [],
  };
});

function totals() {
  const net = orders.reduce((sum, order) => sum + order.net_minor, 0);
  return { states: [], orders: orders.length, refunded_orders: 0, people: orders.length, paid_minor: net, refunded_minor: 0, net_minor: net, average_minor: Math.round(net / orders.length), days: [] };
}

/** The answer to a call about items or orders; none if it is about something else. */
export function itemsOf({ path, query }: Call): Answer | undefined {
  if (path === "/items/types") return page(types);
  if (path.startsWith("/items/types/")) return page([]);
  if (path === "/items") return page(items.filter((item) => item.item_type === query.get("item_type")));
  const [, head, type, id, part] = path.split("/").map(decodeURIComponent);
  if (head === "items" && id !== undefined) {
    const item = items.find((found) => found.item_type === type && found.item_id === id);
    if (part === "sales") return ok({ orders: 12, refunded_orders: 1, people: 9, paid_minor: 40_000, refunded_minor: 900, net_minor: 39_100, lines: null, first_order: data.at(DAY * 60), last_order: data.at(DAY), days: Array.from({ length: 30 }, (_, n) => ({ day: data.at((30 - n) * DAY).slice(0, 10), orders: n % 4, net_minor: (n % 4) * 1_900 })) });
    const attributes = Object.entries(item?.attributes ?? {}).map(([name, value]) => ({ name, value, at: data.at(DAY) }));
    return ok({ item_type: type, item_id: id, name: item?.name ?? null, known: item !== undefined, property: types.find((known) => known.name === type)?.property ?? `${type}_id`, attributes, tags: (item?.tags ?? []).map((tag) => ({ tag, at: data.at(DAY) })) });
  }
  if (path === "/orders") return page(orders);
  if (path === "/orders/totals") return ok(totals());
  if (head === "orders") return ok(orders.find((order) => order.order_id === type) ?? orders[0]);
  return undefined;
}
