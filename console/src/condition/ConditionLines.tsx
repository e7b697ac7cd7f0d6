/** A condition to read: one line per part, joined by and/or. */
import type { Condition } from "../api/types";
import { conditionText } from "./sentence";
import { asGroup } from "./tree";
import { useDictionary } from "./useDictionary";

export function ConditionLines({ condition }: { condition: Condition }) {
  const dictionary = useDictionary();
  const group = asGroup(condition);
  const joiner = dictionary.t(group.kind === "all" ? "condition.and" : "condition.or");
  if (group.of.length < 2) return <p>{conditionText(condition, dictionary)}</p>;
  return (
    <ul className="condition-lines">
      {group.of.map((part, index) => (
        <li key={index}>
          <span className="muted">{index > 0 ? joiner : ""}</span>
          <span>{conditionText(part, dictionary)}</span>
        </li>
      ))}
    </ul>
  );
}
