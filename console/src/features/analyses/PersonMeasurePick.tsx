/** The number worked out for each person. */
import { useTranslation } from "react-i18next";
import type { PersonMeasure } from "../../api/types";
import { useNames } from "../../app/names";
import { usePropertyOptions } from "../../condition";
import { MeasureChip } from "./MeasureChip";

interface PersonMeasurePickProps {
  event: string;
  value: PersonMeasure;
  onChange: (measure: PersonMeasure) => void;
}

export function PersonMeasurePick({ event, value, onChange }: PersonMeasurePickProps) {
  const { t } = useTranslation();
  const names = useNames();
  const properties = usePropertyOptions(event);
  const numbers = properties.filter((property) => property.kind === "number");
  const text = (measure: PersonMeasure) => ("property" in measure ? t(`condition.measure_${measure.kind}`, { property: names.property(measure.property) }) : t(`condition.measure_${measure.kind}`));
  const measures: PersonMeasure[] = [
    { kind: "count" },
    { kind: "days" },
    ...numbers.flatMap(({ value: property }): PersonMeasure[] => [{ kind: "sum", property }, { kind: "avg", property }, { kind: "max", property }]),
    ...properties.map(({ value: property }): PersonMeasure => ({ kind: "distinct", property })),
  ];
  return <MeasureChip value={value} measures={measures} text={text} what={t("condition.slot_measure")} onChange={onChange} />;
}
