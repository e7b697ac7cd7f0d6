/** The parts of "has so many others": which way they are related, who counts, how many. */
import { useTranslation } from "react-i18next";
import { useRelationKinds } from "../api/catalog";
import type { Compare, RelationLeaf, RelationSide } from "../api/types";
import { FindPerson } from "../features/relations/AddRelation";
import { endsOf, opposite, useRelationName } from "../features/relations/names";
import { InputNumber, Pick, Segmented } from "../ui";
import { SegmentPicker } from "./LeafSentence";
import { OptionList } from "./OptionList";
import type { Slot } from "./sentence";

const COMPARES: Compare[] = ["at_least", "at_most", "more", "less", "equal", "not_equal"];
const WITH = ["anybody", "segment", "people"] as const;

interface RelationEditorProps {
  slot: Slot;
  leaf: RelationLeaf;
  onChange: (leaf: RelationLeaf) => void;
  close: () => void;
}

export function RelationEditor({ slot, leaf, onChange, close }: RelationEditorProps) {
  const { t } = useTranslation();
  const name = useRelationName();
  const kinds = useRelationKinds().data ?? [];
  if (slot === "measure") {
    return (
      <div className="row">
        <Pick options={COMPARES.map((compare) => ({ value: compare, label: t(`condition.compare.${compare}`) }))} value={leaf.compare} onChange={(compare) => onChange({ ...leaf, compare })} aria-label={t("condition.slot_test")} style={{ minWidth: 110 }} />
        <InputNumber min={0} precision={0} value={leaf.value} aria-label={t("condition.slot_people")} onChange={(value) => typeof value === "number" && onChange({ ...leaf, value })} style={{ width: 96 }} />
      </div>
    );
  }
  if (slot === "with") return <WithEditor leaf={leaf} onChange={onChange} />;
  const options = kinds.flatMap((kind) => endsOf(kind).map((side) => ({ value: `${kind.name}:${side}`, label: name(kind.name, opposite(side)) })));
  const pick = (value: string) => {
    const [relation = "", side = "from"] = value.split(":");
    onChange({ ...leaf, relation, side: side as RelationSide });
    close();
  };
  return <OptionList options={options} value={`${leaf.relation}:${leaf.side}`} onPick={pick} label={t("condition.choose_relation")} />;
}

function WithEditor({ leaf, onChange }: { leaf: RelationLeaf; onChange: (leaf: RelationLeaf) => void }) {
  const { t } = useTranslation();
  const label = { anybody: t("condition.with_anybody"), segment: t("condition.kind_segment"), people: t("condition.slot_people") };
  const change = (kind: (typeof WITH)[number]) => {
    const others = kind === "anybody" ? { kind } : kind === "segment" ? { kind, segment: 0 } : { kind, numbers: [] };
    onChange({ ...leaf, with: others });
  };
  return (
    <div className="stack stack-tight">
      <p className="help">{t("condition.with_help")}</p>
      <Segmented value={leaf.with.kind} options={WITH.map((kind) => ({ value: kind, label: label[kind] }))} onChange={change} />
      {leaf.with.kind === "segment" && <SegmentPicker value={leaf.with.segment} onPick={(segment) => onChange({ ...leaf, with: { kind: "segment", segment } })} />}
      {leaf.with.kind === "people" && <FindPerson label={t("condition.find_people")} value={leaf.with.numbers[0] ?? null} onPick={(person) => onChange({ ...leaf, with: { kind: "people", numbers: [person] } })} />}
    </div>
  );
}
