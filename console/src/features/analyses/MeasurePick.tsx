/** What is counted: events, people, sums. */
import { useTranslation } from "react-i18next";
import type { Measure } from "../../api/types";
import { useNames } from "../../app/names";
import { OptionList, usePropertyOptions } from "../../condition";
import { Chip } from "../../ui";

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
  return (
    <Chip
      label={t("condition.edit", { what: text(value) })}
      editor={(close) => (
        <OptionList
          label={t("condition.slot_measure")}
          value={JSON.stringify(value)}
          options={measures.map((measure) => ({ value: JSON.stringify(measure), label: text(measure) }))}
          onPick={(picked) => {
            const measure = measures.find((item) => JSON.stringify(item) === picked);
            if (measure) onChange(measure);
            close();
          }}
        />
      )}
    >
      {text(value)}
    </Chip>
  );
}
