/** Rules about tag definitions. */
import type { TagDefinition } from "../../api/types";
import { EVERYBODY, isComplete } from "../../condition";

/** Kinds that a form makes; the values of the others are given by a result. */
export type MadeKind = Exclude<TagDefinition["kind"], "given">;

export function newDefinition(kind: MadeKind): TagDefinition {
  switch (kind) {
    case "attribute":
      return { kind, attribute: "" };
    case "rule":
      return { kind, values: [{ value: "", condition: EVERYBODY }] };
    case "rfm":
      return { kind, event: "order_paid", amount: "amount_minor", window: { kind: "last_days", days: 365 }, method: "share" };
  }
}

export function isDefinitionComplete(definition: TagDefinition): boolean {
  switch (definition.kind) {
    case "attribute":
      return definition.attribute !== "";
    case "rule":
      return definition.values.length > 0 && definition.values.every((rule) => rule.value !== "" && isComplete(rule.condition));
    case "rfm":
      return definition.event !== "" && definition.amount !== "";
    case "given":
      return true;
  }
}
