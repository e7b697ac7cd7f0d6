/** Items and orders of the HTTP API. */
import type { components } from "./schema";
import type { Compare, DateRange, PropertyFilter, Props, Value } from "./types";

type S = components["schemas"];

/** What is known of the item that a property names. */
export type ItemField = { kind: "attribute"; item_type: string; name: string } | { kind: "tags"; item_type: string };

export type OrderMeasure = "count" | "net" | "paid" | "refunded" | "average" | "days_since_last" | "days_since_first";

export interface OrderLeaf {
  kind: "order";
  filters: PropertyFilter[];
  window: DateRange;
  measure: { kind: OrderMeasure };
  compare: Compare;
  value: number;
}

export type Order = S["Order"];
export type OrderStanding = S["OrderStanding"];
export type OrderTotals = S["OrderTotals"];
export type ItemType = S["ItemType"];
export type Item = Omit<S["Item"], "attributes"> & { attributes: Props };
export type ItemDetail = Omit<S["ItemDetail"], "attributes"> & { attributes: (Omit<S["ItemValue"], "value"> & { value: Value })[] };
export type ItemSales = S["ItemSales"];
