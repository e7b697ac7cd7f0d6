/** "at least 2 times", "amount sum at least ¥500": the number per person and what it must be. */
import { useTranslation } from "react-i18next";
import type { Compare, EventLeaf, PersonMeasure } from "../api/types";
import { InputNumber, Pick } from "../ui";
import { usePropertyOptions } from "./FilterEditor";
import { AmountInput } from "./TestEditor";

const KINDS: PersonMeasure["kind"][] = ["count", "days", "sum", "avg", "min", "max", "distinct"];
const COMPARES: Compare[] = ["at_least", "at_most", "more", "less", "equal", "not_equal"];

interface MeasureEditorProps {
  leaf: EventLeaf;
  onChange: (leaf: EventLeaf) => void;
}

export function MeasureEditor({ leaf, onChange }: MeasureEditorProps) {
  const { t } = useTranslation();
  const properties = usePropertyOptions(leaf.event);
  const { measure } = leaf;
  const numbers = properties.filter((property) => property.kind === "number");
  const choices = measure.kind === "distinct" ? properties : numbers;
  const change = (kind: PersonMeasure["kind"]) => {
    if (kind === "count" || kind === "days") return onChange({ ...leaf, measure: { kind }, value: 1 });
    const first = (kind === "distinct" ? properties : numbers)[0]?.value ?? "";
    onChange({ ...leaf, measure: { kind, property: "property" in measure ? measure.property : first } });
  };
  const label = (kind: PersonMeasure["kind"]) => (kind === "count" || kind === "days" ? t(`condition.measure_${kind}`) : t(`condition.kind_${kind}`));
  return (
    <>
      <div className="row">
        {"property" in measure && (
          <Pick
            options={choices}
            value={measure.property || undefined}
            placeholder={t("condition.choose_property")}
            aria-label={t("condition.choose_property")}
            onChange={(property) => onChange({ ...leaf, measure: { ...measure, property } })}
            style={{ minWidth: 120 }}
          />
        )}
        <Pick options={KINDS.map((kind) => ({ value: kind, label: label(kind) }))} value={measure.kind} onChange={change} aria-label={t("condition.slot_measure")} style={{ minWidth: 110 }} />
      </div>
      <div className="row">
        <Pick options={COMPARES.map((compare) => ({ value: compare, label: t(`condition.compare.${compare}`) }))} value={leaf.compare} onChange={(compare) => onChange({ ...leaf, compare })} aria-label={t("condition.slot_test")} style={{ minWidth: 110 }} />
        {"property" in measure && measure.kind !== "distinct" ? (
          <AmountInput property={measure.property} value={leaf.value} onChange={(value) => onChange({ ...leaf, value })} label={t("condition.choose_value")} />
        ) : (
          <InputNumber min={0} precision={0} value={leaf.value} aria-label={t("condition.choose_value")} onChange={(value) => typeof value === "number" && onChange({ ...leaf, value })} style={{ width: 96 }} />
        )}
      </div>
    </>
  );
}
