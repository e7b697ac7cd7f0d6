/** The part all questions share: period, segment, breakdown. */
import { useTranslation } from "react-i18next";
import { useAttributes, useEventProperties, useSegments, useTags } from "../../api/catalog";
import type { Breakdown, DateRange, Interval } from "../../api/types";
import { useNames } from "../../app/names";
import { RangeEditor, rangeText } from "../../condition";
import { Chip, Pick } from "../../ui";

export const INTERVALS: Interval[] = ["day", "week", "month"];

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
    </>
  );
}

interface BreakdownPickProps {
  event: string;
  value?: Breakdown;
  onChange: (breakdown: Breakdown | undefined) => void;
}

function keyOf(breakdown: Breakdown): string {
  return breakdown.kind === "tag" ? `tag:${breakdown.tag}` : `${breakdown.kind}:${breakdown.name}`;
}

function parse(key: string | undefined): Breakdown | undefined {
  if (key === undefined) return undefined;
  const [kind, ...rest] = key.split(":");
  const name = rest.join(":");
  if (kind === "tag") return { kind, tag: Number(name) };
  return { kind: kind === "attribute" ? "attribute" : "property", name };
}

function BreakdownPick({ event, value, onChange }: BreakdownPickProps) {
  const { t } = useTranslation();
  const names = useNames();
  const properties = useEventProperties(event).data ?? [];
  const attributes = useAttributes().data ?? [];
  const tags = useTags().data ?? [];
  const options = [
    ...properties.map((item) => ({ value: `property:${item.name}`, label: `${names.property(item.name)} · ${t("analyses.of_event")}`, keywords: item.name })),
    ...attributes.map((item) => ({ value: `attribute:${item.name}`, label: `${names.property(item.name)} · ${t("condition.attribute")}`, keywords: item.name })),
    ...tags.map((item) => ({ value: `tag:${item.id}`, label: `${item.display || item.name} · ${t("condition.tag")}` })),
  ];
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
