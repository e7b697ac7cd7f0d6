/** A trend's answer: the picture, the table beside it, and the people behind each point. */
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Group, TrendLine, TrendQuery, TrendResult } from "../../api/types";
import { useNames, type Names } from "../../app/names";
import type { ChartLine } from "../../chart/TrendChart";
import { DataTable, type Column } from "../../table";
import { MONEY_SUFFIX, Panel, Segmented, Skeleton, TextButton, useFormats, type Formats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { useGroupName } from "./groupName";
import { letter } from "./questions";
import { hasProvince, TrendMap, type SeriesWords } from "./TrendMap";

const TrendChart = lazy(() => import("../../chart/TrendChart"));
/** Lines beyond this are in the table only. */
const LINES_DRAWN = 8;

interface TrendAnswerProps {
  query: TrendQuery;
  result: TrendResult;
  /** On the map first, if a group is a province. */
  onMap?: boolean;
}

export function TrendAnswer({ query, result, onMap = false }: TrendAnswerProps) {
  const { t } = useTranslation();
  const names = useNames();
  const formats = useFormats();
  const groupName = useGroupName();
  const [view, setView] = useState<"line" | "bar" | "table" | "map">(onMap ? "map" : "line");
  const [cell, setCell] = useState<Cell | null>(null);
  const lines = useMemo(() => result.lines.map((line, index) => chartLine(line, index, query, names, formats, groupName)), [result.lines, query, names, formats, groupName]);
  const buckets = useMemo(() => result.buckets.map((bucket) => ({ label: bucket.start, complete: bucket.complete })), [result.buckets]);
  const drawn = useMemo(() => lines.slice(0, LINES_DRAWN), [lines]);
  // Each line's earlier period after all lines of this one, dashed, in the same colour.
  const before = useMemo(() => drawn.flatMap((line, index): ChartLine[] => {
    const earlier = result.lines[index]?.earlier;
    return earlier ? [{ ...line, key: `${line.key}-`, name: t("analyses.earlier", { name: line.name }), values: earlier.values, behind: index }] : [];
  }), [drawn, result.lines, t]);
  const open = (line: number, bucket?: number, earlier?: boolean) => {
    const asked = result.lines[line];
    if (!asked) return;
    const start = bucket === undefined ? undefined : (earlier ? result.earlier_buckets : result.buckets)[bucket]?.start;
    setCell({ kind: "trend", query, cell: { series: asked.series, bucket: start, earlier, group: asked.group }, title: [lines[line]?.name, start].filter(Boolean).join(" · ") });
  };
  const openDrawn = (line: number, bucket: number) => {
    const behind = before[line - drawn.length]?.behind;
    open(behind ?? line, bucket, behind !== undefined);
  };
  const map = useMemo(() => hasProvince(query, result), [query, result]);
  const views = map ? (["line", "bar", "map", "table"] as const) : (["line", "bar", "table"] as const);
  // The next question may have no provinces.
  const shown = view === "map" && !map ? "line" : view;
  const words = (series: number): SeriesWords => {
    const drawnAs = lines[result.lines.findIndex((line) => line.series === series)];
    return { name: seriesName(query, series, names), exact: drawnAs?.format ?? formats.number, short: drawnAs?.compact ?? formats.compact };
  };
  const openTotal = (asked: TrendQuery, { series, group }: TrendLine) => setCell({ kind: "trend", query: asked, cell: { series, group }, title: [seriesName(asked, series, names), groupName(group)].join(" · ") });
  return (
    <Panel
      title={<Totals result={result} lines={lines} onOpen={open} />}
      extra={
        <Segmented value={shown} onChange={setView} options={views.map((value) => ({ value, label: t(`chart.${value}`) }))} />
      }
    >
      <div>
        {shown === "table" && <TrendTable result={result} lines={lines} onOpen={open} />}
        {shown === "map" && <TrendMap query={query} result={result} words={words} groupName={groupName} onOpen={openTotal} />}
        {(shown === "line" || shown === "bar") && (
          <Suspense fallback={<Skeleton rows={8} />}>
            <TrendChart buckets={buckets} lines={[...drawn, ...before]} kind={shown} label={t("nav.trend")} onPoint={openDrawn} />
          </Suspense>
        )}
        {result.buckets.some((bucket) => !bucket.complete) && (shown === "line" || shown === "bar") && <p className="help small">{t("chart.incomplete")}</p>}
        <Notes query={query} />
      </div>
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </Panel>
  );
}

/** What a series or formula is called, whichever group it is of. */
function seriesName(query: TrendQuery, series: number, names: Names): string {
  const formula = query.formulas?.[series - query.series.length];
  const mark = query.series.length + (query.formulas ?? []).length > 1 ? `${letter(series)} ` : "";
  return `${mark}${formula ?? names.event(query.series[series]?.event ?? "")}`;
}

/** What one must know to read the numbers. */
function Notes({ query }: { query: TrendQuery }) {
  const { t } = useTranslation();
  const people = query.series.some(({ measure }) => measure.kind === "people" || measure.kind === "trailing_people");
  const notes = [
    people && t("analyses.people_do_not_add_up"),
    [query.breakdown, ...(query.then_by ?? [])].some((by) => by?.kind === "segments") && t("analyses.segments_overlap"),
    query.compare && t("analyses.compare_note"),
  ];
  return notes.filter((note) => note !== false && note !== undefined).map((note) => <p key={note} className="help small">{note}</p>);
}

function chartLine(line: TrendLine, index: number, query: TrendQuery, names: Names, formats: Formats, groupName: (group: Group) => string): ChartLine {
  const formula = query.formulas?.[line.series - query.series.length];
  if (formula !== undefined) {
    const name = `${letter(line.series)} ${formula}`;
    return { key: String(index), name: line.group.kind === "whole" ? name : `${name} · ${groupName(line.group)}`, values: line.values, format: (value) => formats.number(value, 2), compact: (value) => (Math.abs(value) < 100 ? formats.number(value, 1) : formats.compact(value)), right: true };
  }
  const series = query.series[line.series];
  const measure = series?.measure;
  // A number of different values is not in the unit of the values.
  const property = measure && "property" in measure && measure.kind !== "distinct" ? measure.property : "";
  const event = names.event(series?.event ?? "");
  const mark = query.series.length + (query.formulas ?? []).length > 1 ? `${letter(line.series)} ` : "";
  const name = line.group.kind === "whole" ? `${mark}${event}` : `${mark}${groupName(line.group)}`;
  return { key: String(index), name, values: line.values, format: (value) => (property === "" ? formats.number(value, Number.isInteger(value) ? 0 : 2) : names.number(property, Math.round(value))), compact: (value) => formats.compact(property.endsWith(MONEY_SUFFIX) ? value / formats.minorPerUnit : value) };
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
            <Change total={total} before={result.lines[index]?.earlier?.total} />
          </span>
        );
      })}
    </span>
  );
}

/** Against the earlier period. */
function Change({ total, before }: { total: number | null | undefined; before: number | null | undefined }) {
  const format = useFormats();
  if (total === null || total === undefined || !before) return null;
  const change = (total - before) / Math.abs(before);
  return <span className="muted small num">{change >= 0 ? "+" : "−"}{format.percent(Math.abs(change))}</span>;
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
