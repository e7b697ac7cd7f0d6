/** By what an answer is split: one of many things, and what that thing needs beside it. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAttributes, useEventProperties, useItemTypes, useSegments, useTags } from "../../api/catalog";
import type { Breakdown, ItemField } from "../../api/types";
import { useNames } from "../../app/names";
import { itemFieldText, OptionList, useDictionary } from "../../condition";
import { Chip, Input, Pick } from "../../ui";

interface BreakdownPickProps {
  event: string;
  value?: Breakdown;
  placeholder?: string;
  /** Only single values: ranges and segments are chosen elsewhere. */
  plain?: boolean;
  onChange: (breakdown: Breakdown | undefined) => void;
}

const MARK = "\u0001";
const SEGMENTS_MAX = 10;
const EDGES_MAX = 24;

function keyOf(breakdown: Breakdown): string {
  switch (breakdown.kind) {
    case "item": {
      const { property, field } = breakdown;
      return `item:${[property, field.item_type, ...(field.kind === "attribute" ? [field.name] : [])].join(MARK)}`;
    }
    case "tag":
      return `tag:${breakdown.tag}`;
    case "segments":
      return "segments:";
    case "ranges":
      return `ranges:${breakdown.property}`;
    default:
      return `${breakdown.kind}:${breakdown.name}`;
  }
}

function parse(key: string | undefined, segments: number[]): Breakdown | undefined {
  if (key === undefined) return undefined;
  const [kind, ...rest] = key.split(":");
  const name = rest.join(":");
  if (kind === "tag") return { kind, tag: Number(name) };
  if (kind === "segments") return { kind, segments };
  if (kind === "ranges") return { kind, property: name, edges: [100, 500, 1000] };
  if (kind === "item") {
    const [property = "", item_type = "", attribute] = name.split(MARK);
    return { kind, property, field: attribute === undefined ? { kind: "tags", item_type } : { kind: "attribute", item_type, name: attribute } };
  }
  return { kind: kind === "attribute" ? "attribute" : "property", name };
}

export function BreakdownPick({ event, value, placeholder, plain, onChange }: BreakdownPickProps) {
  const { t } = useTranslation();
  const names = useNames();
  const properties = useEventProperties(event).data ?? [];
  const attributes = useAttributes().data ?? [];
  const tags = useTags().data ?? [];
  const types = useItemTypes().data ?? [];
  const segments = useSegments().data ?? [];
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
    ...properties.filter((item) => !plain && item.kind === "number").map((item) => ({ value: `ranges:${item.name}`, label: `${names.property(item.name)} · ${t("analyses.by_ranges")}`, keywords: item.name })),
    ...ofItems,
    ...attributes.map((item) => ({ value: `attribute:${item.name}`, label: `${names.property(item.name)} · ${t("condition.attribute")}`, keywords: item.name })),
    ...tags.map((item) => ({ value: `tag:${item.id}`, label: `${item.display || item.name} · ${t("condition.tag")}`, keywords: item.name })),
    ...(!plain && segments.length > 0 ? [{ value: "segments:", label: t("analyses.by_segments"), keywords: "segments" }] : []),
  ];
  // Of any event no properties are offered; one that was chosen before keeps its name.
  if (value?.kind === "property" && !options.some((option) => option.value === keyOf(value))) options.unshift({ value: keyOf(value), label: `${names.property(value.name)} · ${t("analyses.of_event")}`, keywords: value.name });
  return (
    <span className="row row-tight">
      <Pick
        allowClear
        style={{ minWidth: 130 }}
        placeholder={placeholder ?? t("analyses.no_breakdown")}
        aria-label={t("analyses.breakdown")}
        options={options}
        value={value && keyOf(value)}
        onChange={(key: string | undefined) => onChange(parse(key, segments.slice(0, 2).map((segment) => segment.id)))}
      />
      {value?.kind === "segments" && <SegmentsChip value={value.segments} onChange={(ids) => onChange({ kind: "segments", segments: ids })} />}
      {value?.kind === "ranges" && <RangesChip value={value} onChange={onChange} />}
    </span>
  );
}

/** Which segments stand side by side. */
function SegmentsChip({ value, onChange }: { value: number[]; onChange: (ids: number[]) => void }) {
  const { t } = useTranslation();
  const segments = useSegments().data ?? [];
  const nameOf = (id: number) => segments.find((segment) => segment.id === id)?.name ?? String(id);
  const toggle = (id: number) => {
    const next = value.includes(id) ? value.filter((own) => own !== id) : [...value, id];
    if (next.length > 0 && next.length <= SEGMENTS_MAX) onChange(next);
  };
  const options = segments.map((segment) => ({ value: String(segment.id), label: `${value.includes(segment.id) ? "✓ " : ""}${segment.name}` }));
  return (
    <Chip label={t("analyses.by_segments")} editor={() => <OptionList label={t("nav.segments")} value="" options={options} onPick={(picked) => toggle(Number(picked))} />}>
      {value.map(nameOf).join(" / ")}
    </Chip>
  );
}

/** Where the ranges of a number are cut. */
function RangesChip({ value, onChange }: { value: Extract<Breakdown, { kind: "ranges" }>; onChange: (breakdown: Breakdown) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(value.edges.join(", "));
  const change = (next: string) => {
    setText(next);
    const numbers = next.split(/[,,\s]+/).filter((part) => part !== "").map(Number);
    const edges = [...new Set(numbers)].toSorted((a, b) => a - b);
    if (edges.length > 0 && edges.length <= EDGES_MAX && edges.every(Number.isFinite)) onChange({ ...value, edges });
  };
  return (
    <Chip
      label={t("analyses.edges")}
      editor={() => (
        <div className="stack stack-tight">
          <Input aria-label={t("analyses.edges")} value={text} onChange={(event) => change(event.target.value)} />
          <span className="help">{t("analyses.edges_help")}</span>
        </div>
      )}
    >
      {value.edges.join(" | ")}
    </Chip>
  );
}
