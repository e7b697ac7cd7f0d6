/** Filters on the properties of an event: as chips in a row, each edited in place. */
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useEventProperties } from "../api/catalog";
import type { PropertyFilter } from "../api/types";
import { useNames } from "../app/names";
import { Button, Chip, MONEY_SUFFIX, Pick, TextButton } from "../ui";
import { filterText, isFilterComplete } from "./sentence";
import { defaultTest, TestEditor } from "./TestEditor";
import { useDictionary } from "./useDictionary";

interface FilterEditorProps {
  event: string;
  value: PropertyFilter;
  onChange: (filter: PropertyFilter) => void;
  onRemove: () => void;
}

export function FilterEditor({ event, value, onChange, onRemove }: FilterEditorProps) {
  const { t } = useTranslation();
  const options = usePropertyOptions(event);
  const kindOf = (property: string) => options.find((option) => option.value === property)?.kind ?? (property.endsWith(MONEY_SUFFIX) ? "number" : "text");
  return (
    <>
      <div className="row">
        <div className="grow">
          <Pick
            style={{ width: "100%" }}
            autoFocus={value.property === ""}
            options={options}
            value={value.property || undefined}
            placeholder={t("condition.choose_property")}
            aria-label={t("condition.choose_property")}
            onChange={(property) => onChange({ property, test: defaultTest(kindOf(property)) })}
          />
        </div>
        <Button type="text" icon={<Trash2 size={15} />} aria-label={t("condition.remove")} onClick={onRemove} />
      </div>
      {value.property !== "" && (
        <TestEditor value={value.test} kind={kindOf(value.property)} onChange={(test) => onChange({ ...value, test })} source={{ kind: "event", event, property: value.property }} />
      )}
    </>
  );
}

export function usePropertyOptions(event: string) {
  const names = useNames();
  const properties = useEventProperties(event).data ?? [];
  return properties.map((property) => ({ value: property.name, label: names.property(property.name), keywords: property.name, kind: property.kind }));
}

interface FilterChipsProps {
  event: string;
  filters: PropertyFilter[];
  onChange: (filters: PropertyFilter[]) => void;
}

/** The filters of one event outside of a sentence: trend series, funnel steps, goals. */
export function FilterChips({ event, filters, onChange }: FilterChipsProps) {
  const { t } = useTranslation();
  const dictionary = useDictionary();
  if (event === "") return null;
  return (
    <div className="row row-tight">
      {filters.map((filter, index) => (
        <Chip
          key={index}
          label={t("condition.edit", { what: filterText(filter, dictionary) })}
          missing={!isFilterComplete(filter)}
          openAtFirst={filter.property === ""}
          editor={() => (
            <FilterEditor
              event={event}
              value={filter}
              onChange={(next) => onChange(filters.with(index, next))}
              onRemove={() => onChange(filters.filter((_, at) => at !== index))}
            />
          )}
        >
          {filterText(filter, dictionary)}
        </Chip>
      ))}
      <TextButton className="small" onClick={() => onChange([...filters, { property: "", test: { op: "is", values: [] } }])}>
        + {t("condition.add_filter")}
      </TextButton>
    </div>
  );
}
