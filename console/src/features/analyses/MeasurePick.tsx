/** What is counted: events, people, sums and other marks of a property. */
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

const TRAILING = [7, 30];
const QUANTILES = [50, 90, 99];

export function MeasurePick({ event, value, onChange }: MeasurePickProps) {
  const { t } = useTranslation();
  const names = useNames();
  const properties = usePropertyOptions(event);
  const numbers = properties.filter((property) => property.kind === "number");
  const text = (measure: Measure): string => {
    switch (measure.kind) {
      case "trailing_people":
        return t("analyses.measure_trailing", { days: measure.days });
      case "quantile":
        return t(measure.percent === 50 ? "analyses.measure_median" : "analyses.measure_quantile", { property: names.property(measure.property), percent: measure.percent });
      case "count":
      case "people":
      case "per_person":
        return t(`analyses.measure_${measure.kind}`);
      default:
        return t(`condition.measure_${measure.kind}`, { property: names.property(measure.property) });
    }
  };
  const measures: Measure[] = [
    { kind: "count" },
    { kind: "people" },
    ...TRAILING.map((days): Measure => ({ kind: "trailing_people", days })),
    { kind: "per_person" },
    ...numbers.flatMap(({ value: property }): Measure[] => [
      { kind: "sum", property },
      { kind: "avg", property },
      { kind: "min", property },
      { kind: "max", property },
      ...QUANTILES.map((percent): Measure => ({ kind: "quantile", property, percent })),
    ]),
    ...properties.map(({ value: property }): Measure => ({ kind: "distinct", property })),
  ];
  return <MeasureChip value={value} measures={measures} text={text} what={text(value)} onChange={onChange} />;
}
