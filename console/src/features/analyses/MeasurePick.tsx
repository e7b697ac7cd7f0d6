/** What is counted: events, people, sums. */
import { useTranslation } from "react-i18next";
import type { Measure } from "../../api/types";
import { useNames } from "../../app/names";
import { usePropertyOptions } from "../../condition";
import { MeasureChip } from "./MeasureChip";

interface MeasurePickProps {
  event: string;
  value: Measure;
  onChange: (measure: Measure) => void;
}

export function MeasurePick({ event, value, onChange }: MeasurePickProps) {
  const { t } = useTranslation();
  const names = useNames();
  const numbers = usePropertyOptions(event).filter((property) => property.kind === "number");
  const text = (measure: Measure) => ("property" in measure ? t(`condition.measure_${measure.kind}`, { property: names.property(measure.property) }) : t(`analyses.measure_${measure.kind}`));
  const measures: Measure[] = [
    { kind: "count" },
    { kind: "people" },
    { kind: "per_person" },
    ...numbers.flatMap((property): Measure[] => [{ kind: "sum", property: property.value }, { kind: "avg", property: property.value }]),
  ];
  return <MeasureChip value={value} measures={measures} text={text} what={text(value)} onChange={onChange} />;
}
