/** The number worked out for each person. */
import { useTranslation } from "react-i18next";
import type { PersonMeasure } from "../../api/types";
import { useNames } from "../../app/names";
import { OptionList, usePropertyOptions } from "../../condition";
import { Chip } from "../../ui";

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
  return (
    <Chip
      label={t("condition.edit", { what: t("condition.slot_measure") })}
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
