/** Which columns are drawn. */
import { useTranslation } from "react-i18next";
import type { SqlAnswer, SqlView } from "../../api/types";
import { ManyValues, Pick } from "../../ui";
import { axes } from "./chart";

export function ChartChoice({ answer, view, onView }: { answer: SqlAnswer; view: SqlView; onView: (view: SqlView) => void }) {
  const { t } = useTranslation();
  const { x, y } = axes(answer, view);
  const names = (at: number[]) => at.flatMap((place) => answer.columns[place]?.name ?? []);
  const numbers = answer.columns.filter((column, at) => at !== x && (column.kind === "integer" || column.kind === "number"));
  return (
    <div className="row">
      <span className="muted small">{t("sql.along")}</span>
      <Pick aria-label={t("sql.along")} value={answer.columns[x]?.name} onChange={(name) => onView({ ...view, x: name })} options={answer.columns.map((column) => ({ value: column.name, label: column.name }))} />
      <span className="muted small">{t("sql.drawn")}</span>
      <div className="sql-drawn"><ManyValues closed ariaLabel={t("sql.drawn")} value={names(y)} onChange={(chosen) => onView({ ...view, y: chosen })} options={numbers.map((column) => ({ value: column.name, label: column.name }))} /></div>
    </div>
  );
}
