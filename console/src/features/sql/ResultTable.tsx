/** The rows of an answer, some at a time. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { SqlAnswer } from "../../api/types";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { DataTable, type Column } from "../../table";
import { Switch, useFormats } from "../../ui";
import { shown } from "./chart";

/** Rows drawn at once. */
const ROWS_STEP = 200;
/** From so many columns on, those without a value are left out at first. */
const WIDE = 16;

type Row = { at: number; cells: readonly unknown[] };

function compare(value: unknown): string | number {
  return typeof value === "number" ? value : value === null || value === undefined ? "" : String(value);
}

export function ResultTable({ answer }: { answer: SqlAnswer }) {
  const { t } = useTranslation();
  const format = useFormats();
  const [limit, setLimit] = useState(ROWS_STEP);
  const [all, setAll] = useState(false);
  if (answer.rows.length === 0) return <p className="help chart-empty">{t("sql.no_rows")}</p>;
  const filled = answer.columns.map((_, at) => answer.rows.some((row) => row[at] !== null));
  const wide = answer.columns.length > WIDE && filled.includes(false);
  const columns: Column<Row>[] = answer.columns.flatMap((column, at) => {
    if (wide && !all && !filled[at]) return [];
    const number = column.kind === "integer" || column.kind === "number";
    const cell = ({ cells }: Row) => {
      const value = cells[at];
      if (value === null || value === undefined) return <span className="muted">–</span>;
      if (typeof value === "number" && (column.person || column.name === "person_no")) return <Link to={paths.person(value)}>{value}</Link>;
      return <span className={number ? "num" : "sql-cell"} title={column.masked ? t("sql.masked_column") : undefined}>{shown(value, column.kind, format)}</span>;
    };
    return [{ key: `${at}`, title: column.name, align: number ? "end" as const : undefined, sort: ({ cells }: Row) => compare(cells[at]), cell }];
  });
  const rows = answer.rows.slice(0, limit).map((cells, at) => ({ at, cells }));
  return (
    <>
      {wide && <label className="row small"><Switch size="small" checked={all} onChange={setAll} />{t("sql.empty_columns", { count: filled.filter((has) => !has).length })}</label>}
      <DataTable label={t("sql.result")} columns={columns} rows={rows} rowKey={(row) => row.at} hasMore={limit < answer.rows.length} onMore={() => setLimit(limit + ROWS_STEP)} />
    </>
  );
}
