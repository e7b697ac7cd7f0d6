/** The part all questions share: period, segment, breakdown. */
import { useTranslation } from "react-i18next";
import { useSegments } from "../../api/catalog";
import type { Breakdown, DateRange, Interval } from "../../api/types";
import { useSession } from "../../app/session";
import { RangeEditor, rangeText } from "../../condition";
import { Chip, Pick, Segmented } from "../../ui";
import { AsOfScope } from "../identity/AsOf";
import { BreakdownPick } from "./BreakdownPick";

/** Weeks as the project counts them; a question that counts them otherwise keeps its own. */
export function useIntervals(value: Interval | undefined): Interval[] {
  const { project } = useSession();
  const week: Interval = project.week_start === "sunday" ? "sunday_week" : "week";
  const other: Interval = week === "week" ? "sunday_week" : "week";
  return ["day", week, ...(value === other ? [other] : []), "month"];
}

/** By day, week or month. */
export function IntervalPick({ value, onChange }: { value: Interval; onChange: (interval: Interval) => void }) {
  const { t } = useTranslation();
  return <Segmented value={value} onChange={onChange} options={useIntervals(value).map((interval) => ({ value: interval, label: t(`analyses.by_${interval}`) }))} />;
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
