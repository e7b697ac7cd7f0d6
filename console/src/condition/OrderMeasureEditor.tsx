/** "Net spend at least ¥500", "at least 2 orders": the number over a person's orders and what it must be. */
import { useTranslation } from "react-i18next";
import type { Compare, OrderLeaf, OrderMeasure } from "../api/types";
import { InputNumber, Pick } from "../ui";
import { orderProperty } from "./sentence";
import { AmountInput } from "./TestEditor";

const KINDS: OrderMeasure[] = ["net", "count", "average", "paid", "refunded", "days_since_last", "days_since_first"];
const COMPARES: Compare[] = ["at_least", "at_most", "more", "less", "equal", "not_equal"];

interface OrderMeasureEditorProps {
  leaf: OrderLeaf;
  onChange: (leaf: OrderLeaf) => void;
}

export function OrderMeasureEditor({ leaf, onChange }: OrderMeasureEditorProps) {
  const { t } = useTranslation();
  const { kind } = leaf.measure;
  const money = orderProperty(kind);
  const change = (next: OrderMeasure) => {
    const same = orderProperty(next) === money;
    const days = next.startsWith("days_since");
    onChange({ ...leaf, measure: { kind: next }, ...(same ? {} : { compare: days ? "at_most" : next === "count" ? "at_least" : "more", value: days ? 30 : next === "count" ? 1 : 0 }) });
  };
  return (
    <>
      <Pick options={KINDS.map((value) => ({ value, label: t(`condition.order_kind_${value}`) }))} value={kind} onChange={change} aria-label={t("condition.slot_measure")} style={{ minWidth: 180 }} />
      <p className="help">{t(`condition.order_help_${kind}`)}</p>
      <div className="row">
        <Pick options={COMPARES.map((compare) => ({ value: compare, label: t(`condition.compare.${compare}`) }))} value={leaf.compare} onChange={(compare) => onChange({ ...leaf, compare })} aria-label={t("condition.slot_test")} style={{ minWidth: 110 }} />
        {money === "" ? (
          <InputNumber min={0} precision={0} value={leaf.value} aria-label={t("condition.choose_value")} onChange={(value) => typeof value === "number" && onChange({ ...leaf, value })} style={{ width: 96 }} />
        ) : (
          <AmountInput property={money} value={leaf.value} onChange={(value) => onChange({ ...leaf, value })} label={t("condition.choose_value")} />
        )}
      </div>
    </>
  );
}
