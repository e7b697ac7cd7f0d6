/** A trend's answer: the picture, the table beside it, and the people behind each point. */
import { Download } from "lucide-react";
import { lazy, Suspense, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { TrendLine, TrendQuery, TrendResult } from "../../api/types";
import { useNames, type Names } from "../../app/names";
import type { ChartHandle, ChartLine } from "../../chart/TrendChart";
import { DataTable, type Column } from "../../table";
import { Button, MONEY_SUFFIX, Panel, Segmented, Skeleton, TextButton, useFormats, type Formats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { letter } from "./questions";

const TrendChart = lazy(() => import("../../chart/TrendChart"));
/** Lines beyond this are in the table only. */
const LINES_DRAWN = 8;

interface TrendAnswerProps {
  query: TrendQuery;
  result: TrendResult;
}

export function TrendAnswer({ query, result }: TrendAnswerProps) {
  const { t } = useTranslation();
  const names = useNames();
  const formats = useFormats();
  const [view, setView] = useState<"line" | "bar" | "table">("line");
  const [cell, setCell] = useState<Cell | null>(null);
  const chart = useRef<ChartHandle>(null);
  const lines = useMemo(() => result.lines.map((line, index) => chartLine(line, index, query, names, formats)), [result.lines, query, names, formats]);
  const buckets = useMemo(() => result.buckets.map((bucket) => ({ label: bucket.start, complete: bucket.complete })), [result.buckets]);
  const drawn = useMemo(() => lines.slice(0, LINES_DRAWN), [lines]);
  const open = (line: number, bucket?: number) => {
    const asked = result.lines[line];
    if (!asked || asked.group.kind === "other") return;
    const start = bucket === undefined ? undefined : result.buckets[bucket]?.start;
    setCell({ kind: "trend", query, cell: { series: asked.series, bucket: start, group: asked.group }, title: [lines[line]?.name, start].filter(Boolean).join(" · ") });
  };
  const download = () => {
    const link = document.createElement("a");
    link.href = chart.current?.png() ?? "";
    link.download = "trend.png";
    link.click();
  };
  return (
    <Panel
      title={<Totals result={result} lines={lines} onOpen={open} />}
      extra={
        <>
          {view !== "table" && <Button type="text" icon={<Download size={15} />} aria-label={t("chart.download_png")} title={t("chart.download_png")} onClick={download} />}
          <Segmented value={view} onChange={setView} options={[{ value: "line", label: t("chart.line") }, { value: "bar", label: t("chart.bar") }, { value: "table", label: t("chart.table") }]} />
        </>
      }
    >
      <div>
        {view === "table" ? (
          <TrendTable result={result} lines={lines} onOpen={open} />
        ) : (
          <Suspense fallback={<Skeleton rows={8} />}>
            <TrendChart ref={chart} buckets={buckets} lines={drawn} kind={view} label={t("nav.trend")} onPoint={open} />
          </Suspense>
        )}
        {result.buckets.some((bucket) => !bucket.complete) && view !== "table" && <p className="help small">{t("chart.incomplete")}</p>}
      </div>
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </Panel>
  );
}

function chartLine(line: TrendLine, index: number, query: TrendQuery, names: Names, formats: Formats): ChartLine {
  const series = query.series[line.series];
  const measure = series?.measure;
  const property = measure && "property" in measure ? measure.property : "";
  const event = names.event(series?.event ?? "");
  const mark = query.series.length > 1 ? `${letter(line.series)} ` : "";
  const name = line.group.kind === "whole" ? `${mark}${event}` : `${mark}${names.group(line.group)}`;
  return { key: String(index), name, values: line.values, format: (value) => names.number(property, property === "" ? value : Math.round(value)), compact: (value) => formats.compact(property.endsWith(MONEY_SUFFIX) ? value / formats.minorPerUnit : value) };
}

interface AnswerProps {
  result: TrendResult;
  lines: ChartLine[];
  onOpen: (line: number, bucket?: number) => void;
}

const TOTALS_SHOWN = 4;

function Totals({ result, lines, onOpen }: AnswerProps) {
  return (
    <span className="totals">
      {lines.slice(0, TOTALS_SHOWN).map((line, index) => {
        const total = result.lines[index]?.total;
        return (
          <span key={line.key}>
            <span className="stat-label">{line.name}</span>
            <TextButton className="total" onClick={() => onOpen(index)}>{total === null || total === undefined ? "–" : line.format(total)}</TextButton>
          </span>
        );
      })}
    </span>
  );
}

function TrendTable({ result, lines, onOpen }: AnswerProps) {
  const { t } = useTranslation();
  const columns: Column<{ at: number; start: string; complete: boolean }>[] = [
    { key: "start", title: t("data.time"), sort: (row) => row.start, cell: (row) => <span className="num">{row.start}{row.complete ? "" : " *"}</span> },
    ...lines.map((line, index) => ({
      key: line.key,
      title: line.name,
      align: "end" as const,
      sort: (row: { at: number }) => line.values[row.at] ?? -1,
      cell: (row: { at: number }) => {
        const value = line.values[row.at];
        return value === null || value === undefined ? "–" : <TextButton onClick={() => onOpen(index, row.at)}>{line.format(value)}</TextButton>;
      },
    })),
  ];
  return <DataTable label={t("nav.trend")} columns={columns} rows={result.buckets.map((bucket, at) => ({ at, ...bucket }))} rowKey={(row) => row.start} />;
}
