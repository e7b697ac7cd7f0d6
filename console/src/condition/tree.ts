/** Changing a condition: pure functions that return a new one. */
import type { Condition, Leaf } from "../api/types";

export type GroupCondition = Extract<Condition, { kind: "all" | "any" }>;

/** The builder's root is always a group. */
export function asGroup(condition: Condition): GroupCondition {
  return condition.kind === "all" || condition.kind === "any" ? condition : { kind: "all", of: [condition] };
}

/** One part of a group, with its `not` taken off. */
export function unwrap(condition: Condition): { negated: boolean; inner: Exclude<Condition, { kind: "not" }> } {
  let negated = false;
  let inner = condition;
  while (inner.kind === "not") {
    negated = !negated;
    inner = inner.of;
  }
  return { negated, inner };
}

export function wrap(inner: Condition, negated: boolean): Condition {
  return negated ? { kind: "not", of: inner } : inner;
}

export function replaceAt(group: GroupCondition, index: number, part: Condition): GroupCondition {
  return { ...group, of: group.of.with(index, part) };
}

export function removeAt(group: GroupCondition, index: number): GroupCondition {
  return { ...group, of: group.of.filter((_, at) => at !== index) };
}

export function append(group: GroupCondition, part: Condition): GroupCondition {
  return { ...group, of: [...group.of, part] };
}

export function newLeaf(kind: Leaf["kind"]): Leaf {
  switch (kind) {
    case "event":
      return { kind, event: "", filters: [], window: { kind: "last_days", days: 30 }, measure: { kind: "count" }, compare: "at_least", value: 1 };
    case "order":
      return { kind, filters: [], window: { kind: "last_days", days: 365 }, measure: { kind: "net" }, compare: "more", value: 0 };
    case "attribute":
      return { kind, name: "", test: { op: "is", values: [] } };
    case "tag":
      return { kind, tag: 0, test: { op: "is", values: [] } };
    case "segment":
      return { kind, segment: 0 };
    case "relation":
      return { kind, relation: "", side: "from", with: { kind: "anybody" }, compare: "at_least", value: 1 };
  }
}

export const EVERYBODY: GroupCondition = { kind: "all", of: [] };
