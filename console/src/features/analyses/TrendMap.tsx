/** A trend broken down by province, on the map: what each brings over the range, and what is no province below. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import type { AnalysisAnswer, Group, TrendLine, TrendQuery, TrendResult } from "../../api/types";
import { ProvinceMap, type ProvinceValue } from "../../chart/ProvinceMap";
import { provinceOf } from "../../chart/provinces";
import { DataTable, type Column } from "../../table";
import { ErrorView, Pick, Skeleton, TextButton } from "../../ui";
import { useAsOf } from "../identity/AsOf";

/** All provinces, and what else may stand among them. */
const TOP = 50;

/** Whether some group of the answer is a province. */
export function hasProvince(query: TrendQuery, result: TrendResult): boolean {
  return query.breakdown !== undefined && (query.then_by ?? []).length === 0 && result.lines.some((line) => line.group.kind === "value" && provinceOf(line.group.value) !== undefined);
}

export interface SeriesWords {
  name: string;
  exact: (value: number) => string;
  short: (value: number) => string;
}

interface TrendMapProps {
  query: TrendQuery;
  result: TrendResult;
  /** Of a series, or of the formula after the series. */
  words: (series: number) => SeriesWords;
  groupName: (group: Group) => string;
  onOpen: (query: TrendQuery, line: TrendLine) => void;
}

export function TrendMap({ query, result, words, groupName, onOpen }: TrendMapProps) {
  // A chart draws the largest groups only; a map has room for all provinces.
  const cut = result.lines.some((line) => line.group.kind === "other") && (query.top ?? 0) < TOP;
  const wide = useMemo(() => (cut ? { ...query, top: TOP } : query), [cut, query]);
  const [identity_as_of] = useAsOf();
  const body = { kind: "trend" as const, ...wide };
  const answer = useQuery({
    queryKey: ["/analyses/answer", body, identity_as_of],
    queryFn: ({ signal }) => post<AnalysisAnswer<"trend">>("/analyses/answer", body, { query: { identity_as_of }, signal }),
    enabled: cut,
  });
  if (cut && answer.error) return <ErrorView error={answer.error} onRetry={() => void answer.refetch()} />;
  if (cut && !answer.data) return <Skeleton rows={8} />;
  return <Drawn query={wide} result={answer.data?.result ?? result} words={words} groupName={groupName} onOpen={onOpen} />;
}

function Drawn({ query, result, words, groupName, onOpen }: TrendMapProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(0);
  const count = query.series.length + (query.formulas ?? []).length;
  const series = Math.min(chosen, count - 1);
  const said = words(series);
  const { of, rest, most } = useMemo(() => placed(result.lines.filter((line) => line.series === series)), [result.lines, series]);
  const values = new Map([...of].map(([code, { total }]): [string, ProvinceValue] => [code, { share: most > 0 ? total / most : 0, text: said.short(total), exact: said.exact(total) }]));
  const columns: Column<TrendLine>[] = [
    { key: "group", title: t("analyses.breakdown"), cell: (line) => groupName(line.group) },
    { key: "total", title: said.name, align: "end", cell: (line) => (line.total === null ? "–" : <TextButton onClick={() => onOpen(query, line)}>{said.exact(line.total)}</TextButton>) },
  ];
  return (
    <div className="stack stack-tight">
      {count > 1 && <div><Pick aria-label={t("analyses.map_series")} style={{ minWidth: 180 }} value={series} onChange={setChosen} options={Array.from({ length: count }, (_, at) => ({ value: at, label: words(at).name }))} /></div>}
      <div className="province-split">
        <div>
          <ProvinceMap
            label={t("chart.map")}
            values={values}
            onOpen={(code) => {
              const line = of.get(code)?.line;
              if (line) onOpen(query, line);
            }}
          />
          <div className="province-scale"><span className="num">0</span><i aria-hidden /><span className="num">{said.exact(most)}</span></div>
        </div>
        {rest.length > 0 && (
          <section className="stack stack-tight">
            <h3>{t("analyses.map_rest")}</h3>
            <DataTable label={t("analyses.map_rest")} columns={columns} rows={rest} rowKey={(line) => JSON.stringify(line.group)} />
          </section>
        )}
      </div>
    </div>
  );
}

interface Placed {
  of: Map<string, { line: TrendLine; total: number }>;
  /** No provinces, other spellings of one that stands there, and what has no value. */
  rest: TrendLine[];
  most: number;
}

/** One group per square, so that it opens its own people: of several spellings the largest. */
function placed(lines: TrendLine[]): Placed {
  const of: Placed["of"] = new Map();
  const rest: TrendLine[] = [];
  for (const line of lines.toSorted((a, b) => (b.total ?? 0) - (a.total ?? 0))) {
    const province = line.group.kind === "value" ? provinceOf(line.group.value) : undefined;
    if (province === undefined || line.total === null || of.has(province.code)) rest.push(line);
    else of.set(province.code, { line, total: line.total });
  }
  const most = Math.max(0, ...[...of.values()].map(({ total }) => total));
  return { of, rest, most };
}
