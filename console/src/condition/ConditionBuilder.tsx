/** The builder: groups of sentences joined by and/or, nested as deep as needed. The same everywhere. */
import { Ban, Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Condition, Leaf } from "../api/types";
import { Button, Dropdown, IconButton, type MenuProps } from "../ui";
import { LeafSentence } from "./LeafSentence";
import { append, asGroup, newLeaf, removeAt, replaceAt, unwrap, wrap, type GroupCondition } from "./tree";

/** Nesting that the server accepts is deeper; beyond this nobody can read it. */
const DEPTH_MAX = 4;
const LEAF_KINDS: Leaf["kind"][] = ["event", "order", "attribute", "tag", "segment", "relation"];

interface ConditionBuilderProps {
  value: Condition;
  onChange: (condition: Condition) => void;
}

export function ConditionBuilder({ value, onChange }: ConditionBuilderProps) {
  return (
    <div className="builder">
      <Group group={asGroup(value)} depth={1} onChange={onChange} />
    </div>
  );
}

interface GroupProps {
  group: GroupCondition;
  depth: number;
  negated?: boolean;
  onChange: (group: GroupCondition) => void;
  onNegate?: () => void;
  onRemove?: () => void;
}

function Group({ group, depth, negated, onChange, onNegate, onRemove }: GroupProps) {
  const { t } = useTranslation();
  const joiner = t(group.kind === "all" ? "condition.and" : "condition.or");
  const flip = () => onChange({ ...group, kind: group.kind === "all" ? "any" : "all" });
  return (
    <div className={depth === 1 ? "group group-root" : "group"} role="group" aria-label={t("condition.in_group")}>
      {depth > 1 && (
        <div className="group-head">
          {negated && <button type="button" className="chip chip-not" onClick={onNegate}>{t("condition.not")}</button>}
          <span className="help grow">{t(group.kind === "all" ? "condition.all" : "condition.any")}</span>
          {onNegate && <IconButton label={t("condition.negate")} icon={<Ban size={14} />} onClick={onNegate} />}
          {onRemove && <IconButton label={t("condition.remove_group")} icon={<Trash2 size={14} />} onClick={onRemove} />}
        </div>
      )}
      {depth === 1 && group.of.length === 0 && <p className="group-everybody">{t(group.kind === "all" ? "condition.everybody" : "condition.nobody")}</p>}
      <ul className="group-parts">
        {group.of.map((part, index) => (
          <li key={index}>
            {index > 0 && (
              <button type="button" className="joiner" onClick={flip} title={t(group.kind === "all" ? "condition.all" : "condition.any")}>{joiner}</button>
            )}
            <Part
              part={part}
              depth={depth}
              onChange={(next) => onChange(replaceAt(group, index, next))}
              onRemove={() => onChange(removeAt(group, index))}
            />
          </li>
        ))}
      </ul>
      <AddMenu depth={depth} onAdd={(part) => onChange(append(group, part))} />
    </div>
  );
}

interface PartProps {
  part: Condition;
  depth: number;
  onChange: (part: Condition) => void;
  onRemove: () => void;
}

function Part({ part, depth, onChange, onRemove }: PartProps) {
  const { negated, inner } = unwrap(part);
  const negate = () => onChange(wrap(inner, !negated));
  if (inner.kind === "all" || inner.kind === "any") {
    return <Group group={inner} depth={depth + 1} negated={negated} onChange={(group) => onChange(wrap(group, negated))} onNegate={negate} onRemove={onRemove} />;
  }
  return <LeafSentence leaf={inner} negated={negated} onChange={(leaf) => onChange(wrap(leaf, negated))} onNegate={negate} onRemove={onRemove} />;
}

function AddMenu({ depth, onAdd }: { depth: number; onAdd: (part: Condition) => void }) {
  const { t } = useTranslation();
  const items: NonNullable<MenuProps["items"]> = LEAF_KINDS.map((kind) => ({
    key: kind,
    label: (
      <div className="menu-item">
        <span>{t(`condition.kind_${kind}`)}</span>
        <span className="help">{t(`condition.kind_${kind}_help`)}</span>
      </div>
    ),
    onClick: () => onAdd(newLeaf(kind)),
  }));
  if (depth < DEPTH_MAX) {
    items.push({ type: "divider" });
    items.push({ key: "group", label: t("condition.add_group"), onClick: () => onAdd({ kind: "any", of: [newLeaf("event")] }) });
  }
  return (
    <Dropdown menu={{ items }} trigger={["click"]}>
      <Button size="small" type={depth === 1 ? "default" : "text"} icon={<Plus size={14} />} className="group-add">{t("condition.add")}</Button>
    </Dropdown>
  );
}
