/** How often something happens over time. The address holds the question. */
import { Plus } from "lucide-react";
import { useCallback, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useEventNames } from "../../api/catalog";
import type { TrendSeries } from "../../api/types";
import { Button } from "../../ui";
import { EventRow } from "./EventRow";
import { MeasurePick } from "./MeasurePick";
import { IntervalPick, Scope } from "./Scope";
import { TrendAnswer } from "./TrendAnswer";
import { FormulaRow, TrendOptions } from "./TrendOptions";
import { useQuestion, Workbench } from "./Workbench";
import { letter, NEW } from "./questions";

const SERIES_MAX = 10;
const FORMULAS_MAX = 5;

export default function TrendPage() {
  const { t } = useTranslation();
  const events = useEventNames().data;
  const [query, change, asked] = useQuestion("trend");

  // A new question starts with the most frequent event, so that there is something to look at.
  useEffect(() => {
    const common = events?.toSorted((a, b) => b.count - a.count)[0];
    if (!asked && common) change({ ...NEW.trend, series: [{ event: common.name, filters: [], measure: { kind: "count" } }] });
  }, [asked, events, change]);

  const choosing = !asked && (events === undefined || events.length > 0);
  const setSeries = (index: number, series: TrendSeries) => change({ ...query, series: query.series.with(index, series) });
  const formulas = query.formulas ?? [];
  const setFormulas = useCallback((next: string[]) => change({ ...query, formulas: next.length > 0 ? next : undefined }), [change, query]);
  const form = (
    <>
      {!choosing && query.series.map((series, index) => (
        <EventRow
          key={index}
          any
          mark={letter(index)}
          value={series}
          open={series.event === ""}
          onChange={(next) => setSeries(index, next)}
          onRemove={query.series.length > 1 ? () => change({ ...query, series: query.series.filter((_, at) => at !== index) }) : undefined}
        >
          <MeasurePick event={series.event} value={series.measure} onChange={(measure) => setSeries(index, { ...series, measure })} />
        </EventRow>
      ))}
      {formulas.map((formula, index) => (
        <FormulaRow
          key={`f${index}`}
          at={query.series.length + index}
          value={formula}
          onChange={(next) => setFormulas(formulas.with(index, next))}
          onRemove={() => setFormulas(formulas.filter((_, at) => at !== index))}
        />
      ))}
      <div className="query-scope">
        <Button size="small" icon={<Plus size={14} />} disabled={query.series.length >= SERIES_MAX} onClick={() => change({ ...query, series: [...query.series, { event: "", filters: [], measure: { kind: "count" } }] })}>
          {t("analyses.add_series")}
        </Button>
        <Button size="small" icon={<Plus size={14} />} disabled={formulas.length >= FORMULAS_MAX} onClick={() => setFormulas([...formulas, query.series.length > 1 ? "A / B" : "A * 2"])}>
          {t("analyses.add_formula")}
        </Button>
        <span className="grow" />
        <Scope value={query} event={query.series[0]?.event ?? ""} onChange={change} />
        <IntervalPick value={query.interval} onChange={(interval) => change({ ...query, interval })} />
      </div>
      <TrendOptions query={query} onChange={change} />
    </>
  );
  return (
    <Workbench kind="trend" query={query} form={form} empty={t("analyses.choose_first")}>
      {(result) => <TrendAnswer query={query} result={result} />}
    </Workbench>
  );
}
