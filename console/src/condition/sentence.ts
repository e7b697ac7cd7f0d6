/** Conditions as sentences. The same tokens are read as text and edited as chips, so the two cannot differ. */
import type { TFunction } from "i18next";
import type { Names } from "../app/names";
import type { Compare, Condition, DateRange, EventLeaf, ItemField, Leaf, OrderLeaf, OrderMeasure, PropertyFilter, RelationLeaf, RelationSide, Test, Value } from "../api/types";

/** Stands for every event that is somebody's own doing. */
export const ANY_EVENT = "$any";

/** Which part of a leaf a token stands for. */
export type Slot = "relation" | "with" | "did" | "window" | "event" | "measure" | "attribute" | "tag" | "segment" | "member" | "test" | `filter:${number}`;

export interface Token {
  slot: Slot | null;
  text: string;
  missing?: boolean;
}

export interface Dictionary {
  t: TFunction;
  names: Names;
  tag: (id: number) => string;
  segment: (id: number) => string;
  /** What the others are called of whom the person stands at `side`. */
  relation: (kind: string, side: RelationSide) => string;
  itemType: (name: string) => string;
}

/** Stands for the property when the value is a tag's. */
export const TAG_VALUE = "\0tag";

/** Values shown before "and n more". */
const VALUES_SHOWN = 3;

export function isDidNot(leaf: EventLeaf): boolean {
  return leaf.measure.kind === "count" && leaf.compare === "equal" && leaf.value === 0;
}

export function leafTokens(leaf: Leaf, negated: boolean, d: Dictionary): Token[] {
  switch (leaf.kind) {
    case "event":
      return eventTokens(leaf, d);
    case "order":
      return orderTokens(leaf, d);
    case "attribute":
      return [
        { slot: null, text: d.t("condition.attribute") },
        leaf.name === "" ? missing("attribute", d.t("condition.choose_attribute")) : { slot: "attribute", text: d.names.property(leaf.name) },
        ...testTokens(leaf.test, leaf.name, d),
      ];
    case "tag":
      return [
        { slot: null, text: d.t("condition.tag") },
        leaf.tag === 0 ? missing("tag", d.t("condition.choose_tag")) : { slot: "tag", text: d.tag(leaf.tag) },
        ...testTokens(leaf.test, TAG_VALUE, d),
      ];
    case "relation":
      return [
        { slot: null, text: d.t("condition.has") },
        leaf.relation === "" ? missing("relation", d.t("condition.choose_relation")) : { slot: "relation", text: d.relation(leaf.relation, leaf.side) },
        { slot: "with", text: withText(leaf, d), missing: !isWithComplete(leaf) },
        { slot: "measure", text: d.t("condition.times_people", { compare: d.t(`condition.compare.${leaf.compare}`), value: d.names.number("", leaf.value) }) },
      ];
    case "segment":
      return [
        { slot: "member", text: d.t(negated ? "condition.not_in_segment" : "condition.in_segment") },
        leaf.segment === 0 ? missing("segment", d.t("condition.choose_segment")) : { slot: "segment", text: d.segment(leaf.segment) },
      ];
  }
}

function withText({ with: others }: RelationLeaf, d: Dictionary): string {
  if (others.kind === "anybody") return d.t("condition.with_anybody");
  if (others.kind === "segment") return others.segment === 0 ? d.t("condition.choose_segment") : d.t("condition.with_segment", { segment: d.segment(others.segment) });
  return d.t("condition.with_people", { people: others.numbers.map((number) => `#${number}`).join(d.t("condition.list_separator")) || d.t("condition.choose_value") });
}

function isWithComplete({ with: others }: RelationLeaf): boolean {
  return others.kind === "anybody" || (others.kind === "segment" ? others.segment > 0 : others.numbers.length > 0);
}

function missing(slot: Slot, text: string): Token {
  return { slot, text, missing: true };
}

function eventTokens(leaf: EventLeaf, d: Dictionary): Token[] {
  const didNot = isDidNot(leaf);
  const tokens: Token[] = [
    { slot: "window", text: rangeText(leaf.window, d.t) },
    { slot: "did", text: d.t(didNot ? "condition.did_not" : "condition.did") },
    leaf.event === "" ? missing("event", d.t("condition.choose_event")) : { slot: "event", text: d.names.event(leaf.event) },
  ];
  tokens.push(...filterTokens(leaf.filters, d));
  if (!didNot) tokens.push({ slot: "measure", text: measureText(leaf, d) });
  return tokens;
}

function orderTokens(leaf: OrderLeaf, d: Dictionary): Token[] {
  return [
    { slot: "window", text: rangeText(leaf.window, d.t) },
    { slot: null, text: d.t("condition.orders") },
    ...filterTokens(leaf.filters, d),
    { slot: "measure", text: orderMeasureText(leaf, d) },
  ];
}

function filterTokens(filters: PropertyFilter[], d: Dictionary): Token[] {
  return filters.flatMap((filter, index): Token[] => [
    { slot: null, text: d.t("condition.where") },
    { slot: `filter:${index}`, text: filterText(filter, d), missing: !isFilterComplete(filter) },
  ]);
}

/** What money, days and counts of orders are compared with: the property that says how to write it. */
export function orderProperty(measure: OrderMeasure): string {
  return measure === "count" || measure === "days_since_last" || measure === "days_since_first" ? "" : "amount_minor";
}

function orderMeasureText(leaf: OrderLeaf, { t, names }: Dictionary): string {
  const { kind } = leaf.measure;
  const compare = t(`condition.compare.${leaf.compare}`);
  const value = names.number(orderProperty(kind), leaf.value);
  if (kind === "count") return t("condition.order_count", { compare, value });
  if (kind === "days_since_last" || kind === "days_since_first") return `${t(`condition.order_${kind}`)} ${t("condition.order_days", { compare, value })}`;
  return `${t(`condition.order_${kind}`)} ${compare} ${value}`;
}

/** "Category of the product", "tags of the store". */
export function itemFieldText(field: ItemField, d: Dictionary): string {
  const of = d.itemType(field.item_type);
  return field.kind === "tags" ? d.t("condition.item_tags", { of }) : d.t("condition.item_attribute", { of, name: d.names.itemProperty(field.name) });
}

export function filterText(filter: PropertyFilter, d: Dictionary): string {
  if (filter.property === "") return d.t("condition.choose_property");
  if (filter.item) {
    const property = filter.item.kind === "attribute" ? filter.item.name : TAG_VALUE;
    return `${itemFieldText(filter.item, d)} ${testText(filter.test, property, d)}`;
  }
  return `${d.names.property(filter.property)} ${testText(filter.test, filter.property, d)}`;
}

function testTokens(test: Test, property: string, d: Dictionary): Token[] {
  return [{ slot: "test", text: testText(test, property, d), missing: !isTestComplete(test) }];
}

export function rangeText(range: DateRange, t: TFunction): string {
  switch (range.kind) {
    case "last_days":
      return range.days === 1 ? t("condition.window_today") : t("condition.window_last_days", { count: range.days });
    case "between":
      return t("condition.window_between", { from: range.from, to: range.to });
    case "all":
      return t("condition.window_all");
  }
}

function measureText(leaf: EventLeaf, { t, names }: Dictionary): string {
  const { measure } = leaf;
  const compare = t(`condition.compare.${leaf.compare}`);
  const plain = names.number("", leaf.value);
  switch (measure.kind) {
    case "count":
      return t("condition.times", { compare, value: plain });
    case "days":
      return t("condition.times_days", { compare, value: plain });
    case "distinct":
      return `${t("condition.measure_distinct", { property: names.property(measure.property) })} ${t("condition.times_distinct", { compare, value: plain })}`;
    default:
      return `${t(`condition.measure_${measure.kind}`, { property: names.property(measure.property) })} ${compare} ${names.number(measure.property, leaf.value)}`;
  }
}

const SIGNS: Record<Compare, string> = { equal: "=", not_equal: "≠", less: "<", at_most: "≤", more: ">", at_least: "≥" };

export function testText(test: Test, property: string, d: Dictionary): string {
  const { t, names } = d;
  switch (test.op) {
    case "is":
    case "is_not":
      return `${t(`condition.test.${test.op}`)} ${test.values.length === 0 ? t("condition.choose_value") : valuesText(test.values, property, d)}`;
    case "contains":
    case "not_contains":
      return `${t(`condition.test.${test.op}`)} ${test.value === "" ? t("condition.choose_value") : test.value}`;
    case "number":
      return `${SIGNS[test.compare]} ${names.number(property, test.value)}`;
    case "between":
      return t("condition.between", { from: names.number(property, test.from), to: names.number(property, test.to) });
    default:
      return t(`condition.test.${test.op}`);
  }
}

function valuesText(values: Value[], property: string, { t, names }: Dictionary): string {
  const shown = values.slice(0, VALUES_SHOWN).map((value) => (property === TAG_VALUE ? names.tagValue(value) : names.value(property, value))).join(t("condition.list_separator"));
  const rest = values.length - VALUES_SHOWN;
  return rest > 0 ? `${shown} ${t("condition.more_values", { count: rest })}` : shown;
}

/** The whole condition as one line of text. */
export function conditionText(condition: Condition, d: Dictionary): string {
  return textOf(condition, d, true);
}

function textOf(condition: Condition, d: Dictionary, outermost: boolean): string {
  if (condition.kind === "all" || condition.kind === "any") {
    if (condition.of.length === 0) return d.t(condition.kind === "all" ? "condition.everybody" : "condition.nobody");
    const only = condition.of[0];
    if (condition.of.length === 1 && only) return textOf(only, d, outermost);
    const joined = condition.of.map((part) => textOf(part, d, false)).join(` ${d.t(condition.kind === "all" ? "condition.and" : "condition.or")} `);
    return outermost ? joined : `(${joined})`;
  }
  if (condition.kind === "not") {
    if (condition.of.kind === "segment") return leafText(condition.of, true, d);
    const inner = textOf(condition.of, d, false);
    return `${d.t("condition.not")} ${inner}`;
  }
  return leafText(condition, false, d);
}

function leafText(leaf: Leaf, negated: boolean, d: Dictionary): string {
  const tokens = leafTokens(leaf, negated, d);
  return tokens.map((token, index) => (index === tokens.length - 1 ? token.text : `${token.text}${token.slot === null ? " " : " · "}`)).join("");
}

export function isTestComplete(test: Test): boolean {
  if (test.op === "is" || test.op === "is_not") return test.values.length > 0;
  if (test.op === "contains" || test.op === "not_contains") return test.value !== "";
  return test.op !== "between" || test.from <= test.to;
}

export function isFilterComplete(filter: PropertyFilter): boolean {
  return filter.property !== "" && isTestComplete(filter.test);
}

/** Whether a condition can be counted: no chip is left open. */
export function isComplete(condition: Condition): boolean {
  switch (condition.kind) {
    case "all":
    case "any":
      return condition.of.every(isComplete);
    case "not":
      return isComplete(condition.of);
    case "attribute":
      return condition.name !== "" && isTestComplete(condition.test);
    case "tag":
      return condition.tag > 0 && isTestComplete(condition.test);
    case "segment":
      return condition.segment > 0;
    case "relation":
      return condition.relation !== "" && isWithComplete(condition);
    case "order":
      return condition.filters.every(isFilterComplete);
    case "event":
      return condition.event !== "" && condition.filters.every(isFilterComplete) && (!("property" in condition.measure) || condition.measure.property !== "");
  }
}
