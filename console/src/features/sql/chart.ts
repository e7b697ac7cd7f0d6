/** From an answer to lines of a chart. Pure. */
import type { SqlAnswer, SqlView } from "../../api/types";
import type { ChartLine } from "../../chart/TrendChart";
import type { Formats } from "../../ui";

/** Points and lines drawn. */
const POINTS_MAX = 400;
const LINES_MAX = 8;

export interface ResultChart {
  buckets: { label: string; complete: boolean }[];
  lines: ChartLine[];
  /** Rows that are not drawn. */
  left: number;
}

/** A value as people read it. */
export function shown(value: unknown, kind: string, format: Formats): string {
  if (value === null || value === undefined) return "";
  if (kind === "time" && typeof value === "string") return `${format.date(value)} ${format.time(value)}`;
  if (typeof value === "number" && kind === "number") return format.number(value, 6);
  return String(value);
}

const isNumber = (kind: string) => kind === "integer" || kind === "number";

/** Which column is drawn along, and which are drawn. */
export function axes(answer: SqlAnswer, view: SqlView): { x: number; y: number[] } {
  const place = (name: string) => answer.columns.findIndex((column) => column.name === name);
  const words = answer.columns.findIndex((column) => !isNumber(column.kind));
  const x = place(view.x) >= 0 ? place(view.x) : Math.max(words, 0);
  const numbers = answer.columns.flatMap((column, at) => (at !== x && isNumber(column.kind) ? [at] : []));
  const chosen = view.y.map(place).filter((at) => numbers.includes(at));
  return { x, y: (chosen.length > 0 ? chosen : numbers).slice(0, LINES_MAX) };
}

export function chartOf(answer: SqlAnswer, view: SqlView, format: Formats): ResultChart | null {
  const { x, y } = axes(answer, view);
  const along = answer.columns[x];
  if (!along || y.length === 0 || answer.rows.length === 0) return null;
  const rows = answer.rows.slice(0, POINTS_MAX);
  const label = (value: unknown) => (along.kind === "time" && typeof value === "string" ? format.dateTime(value) : shown(value, along.kind, format));
  return {
    buckets: rows.map((row) => ({ label: label(row[x]), complete: true })),
    lines: y.map((at) => ({
      key: String(at),
      name: answer.columns[at]?.name ?? "",
      values: rows.map((row) => (typeof row[at] === "number" ? row[at] : null)),
      format: (value) => format.number(value, 6),
      compact: (value) => format.compact(value),
    })),
    left: answer.rows.length - rows.length,
  };
}
