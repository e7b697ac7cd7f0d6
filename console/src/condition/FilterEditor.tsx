/** Filters on the properties of an event: as chips in a row, each edited in place. */
import { Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useEventProperties, useItemTypes } from "../api/catalog";
import type { ItemField, PropertyFilter, ValueKind } from "../api/types";
import { useNames } from "../app/names";
import { Button, Chip, MONEY_SUFFIX, Pick, TextButton } from "../ui";
import { filterText, isFilterComplete, itemFieldText } from "./sentence";
import { defaultTest, TestEditor, type ValueSource } from "./TestEditor";
import { useDictionary } from "./useDictionary";

interface FilterEditorProps {
  event: string;
  value: PropertyFilter;
  onChange: (filter: PropertyFilter) => void;
  onRemove: () => void;
}

/** Stands for the events of orders where filters are about orders. */
export const ORDERS = "\0orders";
const ORDER_EVENTS = ["order_line", "order_paid", "order_placed"] as const;
const MARK = "\u0001";

export function FilterEditor({ event, value, onChange, onRemove }: FilterEditorProps) {
  const { t } = useTranslation();
  const options = useFilterOptions(event);
  const current = keyOf(value);
  const kindOf = (key: string) => options.find((option) => option.value === key)?.kind ?? (key.endsWith(MONEY_SUFFIX) ? "number" : "text");
  const pick = (key: string) => onChange({ ...parse(key), test: defaultTest(kindOf(key)) });
  return (
    <>
      <div className="row">
        <div className="grow">
          <Pick
            style={{ width: "100%" }}
            autoFocus={value.property === ""}
            options={options}
            value={current || undefined}
            placeholder={t("condition.choose_property")}
            aria-label={t("condition.choose_property")}
            onChange={pick}
          />
        </div>
        <Button type="text" icon={<Trash2 size={15} />} aria-label={t("condition.remove")} onClick={onRemove} />
      </div>
      {value.property !== "" && <TestEditor value={value.test} kind={kindOf(current)} onChange={(test) => onChange({ ...value, test })} source={sourceOf(value, options.find((option) => option.value === current)?.event ?? event)} />}
    </>
  );
}

function sourceOf({ property, item }: PropertyFilter, event: string): ValueSource {
  if (!item) return { kind: "event", event, property };
  return { kind: "item", type: item.item_type, attribute: item.kind === "attribute" ? item.name : undefined };
}

/** A filter's property, and the item's field if one is tested, as the value of a list. */
function keyOf({ property, item }: Omit<PropertyFilter, "test">): string {
  if (!item) return property;
  return [property, item.item_type, ...(item.kind === "attribute" ? [item.name] : [])].join(MARK);
}

function parse(key: string): Omit<PropertyFilter, "test"> {
  const [property = "", type, name] = key.split(MARK);
  if (type === undefined) return { property };
  return { property, item: name === undefined ? { kind: "tags", item_type: type } : { kind: "attribute", item_type: type, name } };
}

interface FilterOption {
  value: string;
  label: string;
  keywords: string;
  kind: ValueKind;
  /** The event whose values are suggested. */
  event: string;
}

/** Properties of the event, and what is known of the items that they name. */
function useFilterOptions(event: string): FilterOption[] {
  const dictionary = useDictionary();
  const types = useItemTypes().data ?? [];
  const properties = useProperties(event);
  const own = properties.map((property) => ({ value: property.name, label: dictionary.names.property(property.name), keywords: property.name, kind: property.kind, event: property.event }));
  const ofItems = types
    .filter((type) => properties.some((property) => property.name === type.property))
    .flatMap((type) => {
      const option = (item: ItemField, kind: ValueKind): FilterOption => ({ value: keyOf({ property: type.property, item }), label: itemFieldText(item, dictionary), keywords: `${type.name} ${item.kind === "attribute" ? item.name : ""}`, kind, event });
      const attributes = type.attributes.map((attribute) => option({ kind: "attribute", item_type: type.name, name: attribute.name }, attribute.kind));
      return type.tags.length > 0 ? [option({ kind: "tags", item_type: type.name }, "list"), ...attributes] : attributes;
    });
  return [...own, ...ofItems];
}

/** The properties of an event; of orders those of their events together. */
function useProperties(event: string) {
  const [first, second, third] = event === ORDERS ? ORDER_EVENTS : ([event, "", ""] as const);
  const lists = [useEventProperties(first).data, useEventProperties(second).data, useEventProperties(third).data];
  const found = lists.flatMap((list, at) => (list ?? []).map((property) => ({ ...property, event: [first, second, third][at] ?? event })));
  return found.filter((property, at) => found.findIndex((other) => other.name === property.name) === at);
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
