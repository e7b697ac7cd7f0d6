/** The part all questions share: period, segment, breakdown. */
import { useTranslation } from "react-i18next";
import { useAttributes, useEventProperties, useItemTypes, useSegments, useTags } from "../../api/catalog";
import type { Breakdown, DateRange, Interval, ItemField } from "../../api/types";
import { useNames } from "../../app/names";
import { itemFieldText, RangeEditor, rangeText, useDictionary } from "../../condition";
import { Chip, Pick, Segmented } from "../../ui";
import { AsOfScope } from "../identity/AsOf";

const INTERVALS: Interval[] = ["day", "week", "month"];

/** By day, week or month. */
export function IntervalPick({ value, onChange }: { value: Interval; onChange: (interval: Interval) => void }) {
  const { t } = useTranslation();
  return <Segmented value={value} onChange={onChange} options={INTERVALS.map((interval) => ({ value: interval, label: t(`analyses.by_${interval}`) }))} />;
}

export interface ScopeValue {
  range: DateRange;
  segment?: number;
  breakdown?: Breakdown;
}

interface ScopeProps<Q extends ScopeValue> {
  value: Q;
  /** Its properties are offered for the breakdown; absent, there is none to choose. */
  event?: string;
  onChange: (query: Q) => void;
}

export function Scope<Q extends ScopeValue>({ value, event, onChange }: ScopeProps<Q>) {
  const { t } = useTranslation();
  const segments = useSegments().data ?? [];
  return (
    <>
      <Chip label={t("condition.slot_window")} editor={() => <RangeEditor allowAll={false} value={value.range} onChange={(range) => onChange({ ...value, range })} />}>
        {rangeText(value.range, t)}
      </Chip>
      <Pick
        allowClear
        style={{ minWidth: 130 }}
        placeholder={t("analyses.everybody")}
        aria-label={t("nav.segments")}
        options={segments.map((segment) => ({ value: segment.id, label: segment.name }))}
        value={value.segment}
        onChange={(segment: number | undefined) => onChange({ ...value, segment })}
      />
      {event !== undefined && <BreakdownPick event={event} value={value.breakdown} onChange={(breakdown) => onChange({ ...value, breakdown })} />}
      <AsOfScope />
    </>
  );
}

interface BreakdownPickProps {
  event: string;
  value?: Breakdown;
  onChange: (breakdown: Breakdown | undefined) => void;
}

const MARK = "\u0001";

function keyOf(breakdown: Breakdown): string {
  if (breakdown.kind === "item") {
    const { property, field } = breakdown;
    return `item:${[property, field.item_type, ...(field.kind === "attribute" ? [field.name] : [])].join(MARK)}`;
  }
  return breakdown.kind === "tag" ? `tag:${breakdown.tag}` : `${breakdown.kind}:${breakdown.name}`;
}

function parse(key: string | undefined): Breakdown | undefined {
  if (key === undefined) return undefined;
  const [kind, ...rest] = key.split(":");
  const name = rest.join(":");
  if (kind === "tag") return { kind, tag: Number(name) };
  if (kind === "item") {
    const [property = "", item_type = "", attribute] = name.split(MARK);
    return { kind, property, field: attribute === undefined ? { kind: "tags", item_type } : { kind: "attribute", item_type, name: attribute } };
  }
  return { kind: kind === "attribute" ? "attribute" : "property", name };
}

export function BreakdownPick({ event, value, onChange }: BreakdownPickProps) {
  const { t } = useTranslation();
  const names = useNames();
  const properties = useEventProperties(event).data ?? [];
  const attributes = useAttributes().data ?? [];
  const tags = useTags().data ?? [];
  const types = useItemTypes().data ?? [];
  const dictionary = useDictionary();
  const ofItems = types
    .filter((type) => properties.some((property) => property.name === type.property))
    .flatMap((type) => {
      const fields: ItemField[] = type.attributes.map((attribute) => ({ kind: "attribute", item_type: type.name, name: attribute.name }));
      if (type.tags.length > 0) fields.unshift({ kind: "tags", item_type: type.name });
      return fields.map((field) => ({ value: keyOf({ kind: "item", property: type.property, field }), label: itemFieldText(field, dictionary), keywords: type.name }));
    });
  const options = [
    ...properties.map((item) => ({ value: `property:${item.name}`, label: `${names.property(item.name)} · ${t("analyses.of_event")}`, keywords: item.name })),
    ...ofItems,
    ...attributes.map((item) => ({ value: `attribute:${item.name}`, label: `${names.property(item.name)} · ${t("condition.attribute")}`, keywords: item.name })),
    ...tags.map((item) => ({ value: `tag:${item.id}`, label: `${item.display || item.name} · ${t("condition.tag")}` })),
  ];
  // Of any event no properties are offered; one that was chosen before keeps its name.
  if (value?.kind === "property" && !options.some((option) => option.value === keyOf(value))) options.unshift({ value: keyOf(value), label: `${names.property(value.name)} · ${t("analyses.of_event")}` });
  return (
    <Pick
      allowClear
      style={{ minWidth: 130 }}
      placeholder={t("analyses.no_breakdown")}
      aria-label={t("analyses.breakdown")}
      options={options}
      value={value && keyOf(value)}
      onChange={(key: string | undefined) => onChange(parse(key))}
    />
  );
}
