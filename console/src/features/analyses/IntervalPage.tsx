/** How long it takes from one event to another. */
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { IntervalCell, IntervalQuery, IntervalResult } from "../../api/types";
import { Distribution } from "../../chart";
import type { ChartLine } from "../../chart/TrendChart";
import { usePropertyOptions } from "../../condition";
import { Panel, Pick, Skeleton, Stat, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { DurationPick } from "./DurationPick";
import { EventRow } from "./EventRow";
import { GroupPick } from "./GroupPick";
import { IntervalPick, Scope } from "./Scope";
import { useQuestion, Workbench } from "./Workbench";

const TrendChart = lazy(() => import("../../chart/TrendChart"));

export default function IntervalPage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("interval");
  const properties = usePropertyOptions(query.from.event);
  const form = (
    <>
      <EventRow any mark={1} value={query.from} open={query.from.event === ""} onChange={(from) => change({ ...query, from })}><span className="help">{t("analyses.interval_from")}</span></EventRow>
      <EventRow any mark={2} value={query.to} open={query.from.event !== "" && query.to.event === ""} onChange={(to) => change({ ...query, to })}><span className="help">{t("analyses.interval_to")}</span></EventRow>
      <div className="query-scope">
        <Scope value={query} event={query.from.event} onChange={change} />
        <span className="grow" />
        <DurationPick label={t("analyses.at_most")} value={query.limit_seconds} onChange={(limit) => change({ ...query, limit_seconds: limit })} />
        <Pick aria-label={t("analyses.pairing")} style={{ minWidth: 120 }} value={query.pairing} onChange={(pairing) => change({ ...query, pairing })} options={(["latest", "earliest"] as const).map((pairing) => ({ value: pairing, label: t(`analyses.pairing_${pairing}`) }))} />
        <Pick allowClear aria-label={t("analyses.link")} placeholder={t("analyses.link")} style={{ minWidth: 130 }} value={query.link} onChange={(link: string | undefined) => change({ ...query, link })} options={properties} />
        <IntervalPick value={query.interval} onChange={(interval) => change({ ...query, interval })} />
      </div>
    </>
  );
  return (
    <Workbench kind="interval" query={query} form={form} empty={t("analyses.choose_two")}>
      {(result) => <IntervalAnswer query={query} result={result} />}
    </Workbench>
  );
}

export function IntervalAnswer({ query, result }: { query: IntervalQuery; result: IntervalResult }) {
  const { t } = useTranslation();
  const format = useFormats();
  const [at, setAt] = useState(0);
  const [cell, setCell] = useState<Cell | null>(null);
  const group = result.groups[at] ?? result.groups[0];
  const buckets = useMemo(() => result.buckets.map((bucket) => ({ label: bucket.start, complete: bucket.complete })), [result.buckets]);
  const lines = useMemo(
    () =>
      (["median", "p90"] as const).map((mark): ChartLine => ({
        key: mark,
        name: t(mark === "median" ? "analyses.median_label" : "analyses.p90"),
        values: (group?.buckets ?? []).map((stretch) => stretch.summary?.[mark] ?? null),
        format: format.duration,
        compact: format.duration,
      })),
    [group, t, format],
  );
  if (!group) return null;
  const open = (part: Omit<IntervalCell, "group">, title: string) => setCell({ kind: "interval", query, cell: { ...part, group: group.group }, title });
  const name = (index: number) => {
    const [least, most] = [result.bins[index - 1], result.bins[index] ?? 0];
    return least === undefined ? t("analyses.bin_below", { to: format.duration(most) }) : t("analyses.bin_between", { from: format.duration(least), to: format.duration(most) });
  };
  const { summary } = group.total;
  return (
    <div className="stack">
      <Panel title={<GroupPick groups={result.groups.map((item) => item.group)} at={at} onPick={setAt} />}>
        <div className="totals stats-row">
          <Stat label={t("analyses.intervals")}>{format.number(group.total.count)}</Stat>
          <Stat label={t("analyses.measure_people")} onClick={() => open({}, t("analyses.measure_people"))}>{format.number(group.total.people)}</Stat>
          <Stat label={t("analyses.median_label")}>{summary ? format.duration(summary.median) : "–"}</Stat>
          <Stat label={t("analyses.mean")}>{summary ? format.duration(summary.mean) : "–"}</Stat>
          <Stat label={t("analyses.p90")}>{summary ? format.duration(summary.p90) : "–"}</Stat>
          {group.too_long > 0 && <Stat label={t("analyses.too_long")}>{format.number(group.too_long)}</Stat>}
        </div>
        <Distribution
          rows={group.histogram.map((count, index) => ({ key: String(index), name: name(index), value: count }))}
          total={group.total.count}
          onOpen={(key) => open({ at_least: result.bins[Number(key) - 1], less_than: Number(key) + 1 === result.bins.length ? undefined : result.bins[Number(key)] }, name(Number(key)))}
        />
      </Panel>
      <Panel title={t("analyses.interval_trend")}>
        <Suspense fallback={<Skeleton rows={8} />}>
          <TrendChart buckets={buckets} lines={lines} kind="line" label={t("nav.interval")} onPoint={(_, bucket) => open({ bucket: result.buckets[bucket]?.start }, result.buckets[bucket]?.start ?? "")} />
        </Suspense>
      </Panel>
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </div>
  );
}
