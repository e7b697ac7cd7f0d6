/** One measure of several, chosen where it stands in the sentence. */
import { useTranslation } from "react-i18next";
import { OptionList } from "../../condition";
import { Chip } from "../../ui";

interface MeasureChipProps<M> {
  value: M;
  measures: M[];
  text: (measure: M) => string;
  /** What can be changed, on hover. */
  what: string;
  onChange: (measure: M) => void;
}

export function MeasureChip<M>({ value, measures, text, what, onChange }: MeasureChipProps<M>) {
  const { t } = useTranslation();
  return (
    <Chip
      label={t("condition.edit", { what })}
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
