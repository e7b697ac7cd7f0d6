/** A cross table: numbers, or their share of the row, of the column, of the whole. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CrosstabDimension, CrosstabKey, CrosstabQuery, CrosstabResult } from "../../api/types";
import { useNames } from "../../app/names";
import { HeatCell } from "../../chart";
import { useDictionary } from "../../condition";
import { MONEY_SUFFIX, Panel, Pick, Stat, TextButton, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";

const SHOWN = ["number", "row", "column", "whole"] as const;
type Shown = (typeof SHOWN)[number];

interface CrosstabAnswerProps {
  query: CrosstabQuery;
  result: CrosstabResult;
}

export function CrosstabAnswer({ query, result }: CrosstabAnswerProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const [shown, setShown] = useState<Shown>("number");
  const [cell, setCell] = useState<Cell | null>(null);
  const [rowName, columnName] = [useKeyName(query.rows), useKeyName(query.columns)];
  const open = (row: CrosstabKey | undefined, column: CrosstabKey | undefined) =>
    setCell({ kind: "crosstab", query, cell: { row, column }, title: [row && rowName(row), column && columnName(column)].filter(Boolean).join(" · ") || t("analyses.group_whole") });
  const most = Math.max(1, ...result.cells.flat());
  const below = (row: number, column: number) => ({ number: 1, row: result.row_totals[row] ?? 0, column: result.column_totals[column] ?? 0, whole: result.total })[shown];
  const text = (value: number, row: number, column: number) => (shown === "number" ? format.number(value) : format.percent(value / Math.max(1, below(row, column))));
  const strength = (value: number, row: number, column: number) => (shown === "number" ? value / most : value / Math.max(1, below(row, column)));
  return (
    <Panel
      title={<div className="totals stats-row"><Stat label={t(query.measure === "events" ? "analyses.measure_count" : "analyses.measure_people")} onClick={() => open(undefined, undefined)}>{format.number(result.total)}</Stat></div>}
      extra={<Pick aria-label={t("analyses.share")} style={{ minWidth: 130 }} value={shown} onChange={setShown} options={SHOWN.map((one) => ({ value: one, label: t(`analyses.share_${one}`) }))} />}
      help={t("analyses.crosstab_help")}
    >
      {result.total === 0 ? <p className="help chart-empty">{t("analyses.crosstab_nothing")}</p> : (
        <div className="heat-scroll">
          <table className="heat">
            <thead>
              <tr>
                <th scope="col" />
                {result.columns.map((column) => <th key={columnName(column)} scope="col" className="num">{columnName(column)}</th>)}
                <th scope="col" className="num">{t("analyses.total")}</th>
              </tr>
            </thead>
            <tbody>
              {result.rows.map((row, at) => (
                <tr key={rowName(row)}>
                  <th scope="row">{rowName(row)}</th>
                  {result.columns.map((column, place) => {
                    const value = result.cells[at]?.[place] ?? 0;
                    return <td key={columnName(column)}>{value > 0 && <HeatCell share={strength(value, at, place)} text={text(value, at, place)} label={`${rowName(row)} ${columnName(column)}`} onClick={() => open(row, column)} />}</td>;
                  })}
                  <td className="num"><TextButton disabled={!result.row_totals[at]} onClick={() => open(row, undefined)}>{format.number(result.row_totals[at] ?? 0)}</TextButton></td>
                </tr>
              ))}
              <tr className="heat-total">
                <th scope="row">{t("analyses.total")}</th>
                {result.columns.map((column, place) => <td key={columnName(column)} className="num"><TextButton disabled={!result.column_totals[place]} onClick={() => open(undefined, column)}>{format.number(result.column_totals[place] ?? 0)}</TextButton></td>)}
                <td className="num strong">{format.number(result.total)}</td>
              </tr>
            </tbody>
          </table>
        </div>
      )}
      {query.event && !result.complete && <p className="help small">{t("analyses.range_open")}</p>}
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </Panel>
  );
}

/** Whether its numbers are money. */
export function moneyOf(dimension: CrosstabDimension): boolean {
  return dimension.kind === "values" && (dimension.by.kind === "property" || dimension.by.kind === "attribute") && dimension.by.name.endsWith(MONEY_SUFFIX);
}

function useKeyName(dimension: CrosstabDimension): (key: CrosstabKey) => string {
  const { t } = useTranslation();
  const names = useNames();
  const dictionary = useDictionary();
  const format = useFormats();
  const number = (value: number) => (moneyOf(dimension) ? format.money(value) : format.number(value));
  return (key) => {
    if (key.kind === "value") return key.value === "" ? t("analyses.empty_value") : names.group({ kind: "value", value: key.value });
    if (key.kind === "segment") return dictionary.segment(key.segment);
    if (key.kind !== "bin") return t(`analyses.group_${key.kind}`);
    if (key.from === null) return t("analyses.bin_below", { to: number(key.to ?? 0) });
    return key.to === null ? t("analyses.bin_from", { from: number(key.from) }) : t("analyses.bin_between", { from: number(key.from), to: number(key.to) });
  };
}
