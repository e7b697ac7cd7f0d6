/** How often something happens over time. The address holds the question. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useEffect } from "react";
import { useEventNames } from "../../api/catalog";
import { post } from "../../api/client";
import type { Interval, TrendQuery, TrendResult, TrendSeries } from "../../api/types";
import { usePageSearch } from "../../app/router";
import { Button, Loaded, Page, Panel, Segmented, useFormats } from "../../ui";
import { EventRow } from "./EventRow";
import { MeasurePick } from "./MeasurePick";
import { SaveButton } from "./SaveButton";
import { Scope } from "./Scope";
import { TrendAnswer } from "./TrendAnswer";
import { isTrendComplete, letter, NEW_TREND, trendFrom } from "./questions";

const SERIES_MAX = 10;
const INTERVALS: Interval[] = ["day", "week", "month"];

export default function TrendPage() {
  const { t } = useTranslation();
  const format = useFormats();
  const [search, setSearch] = usePageSearch();
  const events = useEventNames().data;
  const query = trendFrom(search.q) ?? NEW_TREND;
  const complete = isTrendComplete(query);
  const change = (next: TrendQuery) => setSearch({ q: { kind: "trend", ...next } });
  const answer = useQuery({
    queryKey: ["/analyses/trend", query],
    queryFn: ({ signal }) => post<TrendResult>("/analyses/trend", query, { signal }),
    enabled: complete,
    placeholderData: keepPreviousData,
  });

  // A new question starts with the most frequent event, so that there is something to look at.
  useEffect(() => {
    const common = events?.toSorted((a, b) => b.count - a.count)[0];
    if (search.q === undefined && common) setSearch({ q: { kind: "trend", ...NEW_TREND, series: [{ event: common.name, filters: [], measure: { kind: "count" } }] } });
  }, [search.q, events, setSearch]);

  const choosing = search.q === undefined && (events === undefined || events.length > 0);
  const setSeries = (index: number, series: TrendSeries) => change({ ...query, series: query.series.with(index, series) });
  return (
    <Page
      title={t("nav.trend")}
      status={answer.data && <span className="muted small">{t("app.as_of", { time: format.dateTime(answer.data.as_of) })}</span>}
      primary={<SaveButton query={{ kind: "trend", ...query }} disabled={!complete} />}
    >
      <Panel>
        <div className="stack stack-tight">
          {!choosing && query.series.map((series, index) => (
            <EventRow
              key={index}
              mark={letter(index)}
              value={series}
              open={series.event === ""}
              onChange={(next) => setSeries(index, next)}
              onRemove={query.series.length > 1 ? () => change({ ...query, series: query.series.filter((_, at) => at !== index) }) : undefined}
            >
              <MeasurePick event={series.event} value={series.measure} onChange={(measure) => setSeries(index, { ...series, measure })} />
            </EventRow>
          ))}
          <div className="query-scope">
            <Button size="small" icon={<Plus size={14} />} disabled={query.series.length >= SERIES_MAX} onClick={() => change({ ...query, series: [...query.series, { event: "", filters: [], measure: { kind: "count" } }] })}>
              {t("analyses.add_series")}
            </Button>
            <span className="grow" />
            <Scope value={query} event={query.series[0]?.event ?? ""} onChange={change} />
            <Segmented value={query.interval} onChange={(interval) => change({ ...query, interval })} options={INTERVALS.map((interval) => ({ value: interval, label: t(`analyses.by_${interval}`) }))} />
          </div>
        </div>
      </Panel>
      {complete ? (
        <Loaded query={answer} rows={8}>{(result) => <TrendAnswer query={query} result={result} stale={answer.isPlaceholderData} />}</Loaded>
      ) : (
        <Panel><p className="help chart-empty">{t("analyses.choose_first")}</p></Panel>
      )}
    </Page>
  );
}
