/** What a tile shows of its answer: the picture, the table or the numbers. Each asks for itself, so one that fails fails alone. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import type { AnalysisAnswer, AnalysisQuery, AnalysisResult, AnalysisTable, Kind, TileShow } from "../../api/types";
import { DataTable, type Column } from "../../table";
import { ErrorView, Skeleton, useFormats, type Formats } from "../../ui";
import { useWording } from "../analyses/wording";
import { AnswerOf } from "./answers";
import { useHeadline } from "./headline";

interface TileBodyProps {
  query: AnalysisQuery;
  identity_as_of?: string;
  show: TileShow;
  label: string;
  /** It has come into view. */
  seen: boolean;
  /** Asked anew so often; not at all if undefined. */
  every?: number;
  /** Says as of when the answer is. */
  onAnswer: (as_of: number | string) => void;
}

export function TileBody(props: TileBodyProps) {
  return props.show === "table" ? <TileTable {...props} /> : <TileAnswer {...props} />;
}

function TileAnswer({ query, identity_as_of, show, seen, every, onAnswer }: TileBodyProps) {
  const answer = useQuery({
    queryKey: ["/analyses/answer", query, identity_as_of],
    queryFn: ({ signal }) => post<AnalysisAnswer<Kind>>("/analyses/answer", query, { query: { identity_as_of }, signal }),
    enabled: seen,
    placeholderData: keepPreviousData,
    refetchInterval: every,
  });
  const at = answer.isPlaceholderData ? undefined : answer.data?.result.as_of;
  useEffect(() => {
    if (at !== undefined) onAnswer(at);
  }, [at, onAnswer]);
  // What was answered to another question is drawn with the one it belongs to, or not at all.
  const result = answer.data?.result as AnalysisResult | undefined;
  if (result === undefined || result.kind !== query.kind) return answer.error ? <ErrorView error={answer.error} onRetry={() => void answer.refetch()} /> : <Skeleton rows={6} />;
  if (answer.error && !answer.isPlaceholderData && answer.isRefetchError) return <ErrorView error={answer.error} onRetry={() => void answer.refetch()} />;
  return (
    <div style={{ opacity: answer.isPlaceholderData ? 0.5 : 1 }}>
      {show === "number" ? <Numbers query={query} result={result} /> : <Suspense fallback={<Skeleton rows={6} />}><AnswerOf query={query} result={result} onMap={show === "map"} /></Suspense>}
    </div>
  );
}

function Numbers({ query, result }: { query: AnalysisQuery; result: AnalysisResult }) {
  const { t } = useTranslation();
  const format = useFormats();
  const headline = useHeadline()(query, result);
  return (
    <dl className={headline.length === 1 ? "headline headline-one" : "headline"}>
      {headline.map(({ label, text, change }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="num">{text}</dd>
          {change !== undefined && <dd className="headline-change num" title={t("analyses.compare_note")}>{change >= 0 ? "↑ +" : "↓ −"}{format.percent(Math.abs(change))}</dd>}
        </div>
      ))}
    </dl>
  );
}

const ROWS_SHOWN = 200;

function TileTable({ query, identity_as_of, label, seen, every, onAnswer }: TileBodyProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const wording = useWording();
  const table = useQuery({
    queryKey: ["/analyses/table", query, identity_as_of, wording],
    queryFn: ({ signal }) => post<AnalysisTable>("/analyses/table", { query, identity_as_of, ...wording }, { signal }),
    enabled: seen,
    placeholderData: keepPreviousData,
    refetchInterval: every,
  });
  const at = table.isPlaceholderData ? undefined : table.data?.as_of;
  useEffect(() => {
    if (at !== undefined) onAnswer(at);
  }, [at, onAnswer]);
  if (!table.data) return table.error ? <ErrorView error={table.error} onRetry={() => void table.refetch()} /> : <Skeleton rows={6} />;
  const rows = table.data.rows.slice(0, ROWS_SHOWN).map((cells, line) => ({ line, cells }));
  const columns = table.data.columns.map(({ title, kind }, place): Column<(typeof rows)[number]> => ({
    key: String(place),
    title,
    align: kind === "text" ? undefined : "end",
    sort: (row) => row.cells[place] ?? "",
    cell: (row) => cellText(row.cells[place] ?? null, kind, format),
  }));
  if (rows.length === 0) return <p className="help chart-empty">{t("dashboards.no_rows")}</p>;
  return (
    <div className="tile-table" style={{ opacity: table.isPlaceholderData ? 0.5 : 1 }}>
      <DataTable label={label} columns={columns} rows={rows} rowKey={(row) => row.line} />
      {table.data.rows.length > ROWS_SHOWN && <p className="help small">{t("dashboards.first_rows", { count: ROWS_SHOWN })}</p>}
    </div>
  );
}

function cellText(value: string | number | null, kind: AnalysisTable["columns"][number]["kind"], format: Formats): string {
  if (value === null) return "–";
  if (typeof value === "string") return value;
  switch (kind) {
    case "share":
      return format.percent(value);
    case "money":
      return format.money(Math.round(value));
    case "millis":
      return format.duration(value);
    default:
      return format.number(value);
  }
}
