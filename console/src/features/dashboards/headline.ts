/** The few numbers that say an answer in short. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { AnalysisQuery, AnalysisResult, Group, Kind, QueryOf, ResultOf, TrendLine, TrendQuery } from "../../api/types";
import { useNames, type Names } from "../../app/names";
import { MONEY_SUFFIX, useFormats, type Formats } from "../../ui";
import { useGroupName } from "../analyses/groupName";
import { worthOf } from "../analyses/GainRow";
import type { TFunction } from "i18next";

export interface Headline {
  label: string;
  text: string;
  /** Against the earlier period, as a share. */
  change?: number;
}

interface Words {
  t: TFunction;
  format: Formats;
  names: Names;
  group: (group: Group) => string;
}

const LINES_MAX = 4;

type Tell<K extends Kind> = (query: QueryOf<K>, result: ResultOf<K>, words: Words) => Headline[];

const NOTHING = "–";

function share(part: number, whole: number, { format }: Words): string {
  return whole > 0 ? format.percent(part / whole) : NOTHING;
}

function trendLine(query: TrendQuery, line: TrendLine, { format, names, group }: Words): Headline {
  const series = query.series[line.series];
  const formula = query.formulas?.[line.series - query.series.length];
  const name = formula ?? names.event(series?.event ?? "");
  const measure = series?.measure;
  const property = measure && "property" in measure && measure.kind !== "distinct" ? measure.property : "";
  const before = line.earlier?.total;
  const { total } = line;
  return {
    label: line.group.kind === "whole" ? name : `${name} · ${group(line.group)}`,
    text: total === null || total === undefined ? NOTHING : property === "" ? format.number(total) : names.number(property, Math.round(total)),
    change: before && total !== null && total !== undefined ? (total - before) / Math.abs(before) : undefined,
  };
}

/** Parts of an amount as people read them; as `useAmount`, for a list of kinds. */
function amount(worth: string | undefined, unit: number, parts: number, { format }: Words): string {
  return worth === undefined || worth.endsWith(MONEY_SUFFIX) ? format.money(Math.round(parts)) : format.number(parts / unit);
}

const TELL: { [K in Kind]: Tell<K> } = {
  trend: (query, result, words) => result.lines.slice(0, LINES_MAX).map((line) => trendLine(query, line, words)),
  funnel: (_, result, words) => result.groups.slice(0, LINES_MAX).map(({ group, steps }) => ({ label: group.kind === "whole" ? words.t("analyses.conversion") : words.group(group), text: share(steps.at(-1)?.people ?? 0, steps[0]?.people ?? 0, words) })),
  retention: (query, result, words) => (result.groups[0]?.means ?? []).slice(0, LINES_MAX).map((mean, at) => {
    const [first = 0, last = 0] = result.columns[at] ?? [];
    return { label: first === last ? words.t(`analyses.after_${query.interval}`, { count: first }) : words.t("analyses.after_range", { first, last }), text: mean.weighted === null ? NOTHING : words.format.percent(mean.weighted) };
  }),
  lifecycle: (_, result, { t, format }) => {
    // The last period that has ended; what is under way would look like a fall.
    const at = result.buckets.findLastIndex((bucket) => bucket.complete);
    const group = result.groups[0];
    return (["new", "returning", "resurrecting", "dormant"] as const).map((state) => ({ label: t(`analyses.state_${state}`), text: at === -1 || !group ? NOTHING : format.number(group[state][at] ?? 0) }));
  },
  stickiness: (query, result, { t, format }) => {
    const average = result.groups[0]?.average ?? null;
    return [{ label: t(`analyses.average_${query.interval}`), text: average === null ? NOTHING : format.number(average, 1) }];
  },
  distribution: (query, result, { t, format, names }) => {
    const { measure } = query;
    const property = "property" in measure && measure.kind !== "distinct" ? measure.property : "";
    const group = result.groups[0];
    return [
      { label: t("analyses.measure_people"), text: format.number(group?.total ?? 0) },
      { label: t("analyses.median_label"), text: group?.summary ? names.number(property, group.summary.median) : NOTHING },
    ];
  },
  interval: (_, result, { t, format }) => {
    const total = result.groups[0]?.total;
    return [
      { label: t("analyses.median_label"), text: total?.summary ? format.duration(total.summary.median) : NOTHING },
      { label: t("analyses.intervals"), text: format.number(total?.count ?? 0) },
    ];
  },
  session: (_, result, words) => {
    const total = result.groups[0]?.total;
    return [
      { label: words.t("analyses.session_sessions"), text: words.format.number(total?.sessions ?? 0) },
      { label: words.t("analyses.session_bounce"), text: share(total?.bounces ?? 0, total?.sessions ?? 0, words) },
    ];
  },
  path: (_, result, { t, format }) => [{ label: t("analyses.session_sessions"), text: format.number(result.total) }],
  attribution: (_, result, { t, format }) => [{ label: t("analyses.conversions"), text: format.number(result.conversions) }],
  revenue: (query, result, words) => {
    const group = result.groups[0];
    const worth = worthOf(query.gain);
    return [
      { label: words.t("analyses.revenue_per_person"), text: group && group.size > 0 ? amount(worth, result.value_unit, group.value / group.size, words) : NOTHING },
      { label: words.t("analyses.value"), text: amount(worth, result.value_unit, group?.value ?? 0, words) },
    ];
  },
  crosstab: (query, result, { t, format }) => [{ label: t(query.measure === "events" ? "analyses.measure_count" : "analyses.measure_people"), text: format.number(result.total) }],
  rfm: (query, result, words) => [
    { label: words.t("analyses.rfm_buyers"), text: words.format.number(result.total.people) },
    { label: words.t("analyses.value"), text: amount(worthOf(query.gain), result.value_unit, result.total.value, words) },
  ],
  sequence: (_, result, { t, format }) => [
    { label: t("analyses.measure_people"), text: format.number(result.groups[0]?.people ?? 0) },
    { label: t("analyses.sequence_matches"), text: format.number(result.groups[0]?.matches ?? 0) },
  ],
  heatmap: (_, result, { t, format }) => [
    { label: t("analyses.measure_count"), text: format.number(result.groups[0]?.total.count ?? 0) },
    { label: t("analyses.measure_people"), text: format.number(result.groups[0]?.total.people ?? 0) },
  ],
};

export function useHeadline(): (query: AnalysisQuery, result: AnalysisResult) => Headline[] {
  const { t } = useTranslation();
  const format = useFormats();
  const names = useNames();
  const group = useGroupName();
  return useCallback(
    (query, result) => {
      const tell = TELL[query.kind] as (query: AnalysisQuery, result: AnalysisResult, words: Words) => Headline[];
      return tell(query, result, { t, format, names, group });
    },
    [t, format, names, group],
  );
}
