/** What came of a statement: rows, a picture of them, and where they can go. */
import { Download, TriangleAlert, UsersRound } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { postDownload, post } from "../../api/client";
import type { ApiError } from "../../api/errors";
import type { SqlAnswer, SqlView } from "../../api/types";
import { Link } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { Button, Dropdown, Panel, Segmented, Skeleton, TextButton, useErrorText, useFormats, useNameDialog, useToast } from "../../ui";
import { chartOf } from "./chart";
import { ChartChoice } from "./ChartChoice";
import { MakeTag } from "./MakeTag";
import { ResultTable } from "./ResultTable";
import type { Run } from "./useRun";

const TrendChart = lazy(() => import("../../chart/TrendChart"));
const FORMATS = ["csv", "xlsx", "parquet"] as const;

interface ResultPanelProps {
  run: Run;
  view: SqlView;
  onView: (view: SqlView) => void;
  onGoTo: (line: number, column: number) => void;
  title: string;
}

export function ResultPanel({ run, view, onView, onGoTo, title }: ResultPanelProps) {
  const { t } = useTranslation();
  if (run.error) return <Failure error={run.error} onGoTo={onGoTo} />;
  if (!run.answer) return run.busy ? <Panel><Skeleton rows={8} /></Panel> : <Panel><p className="help chart-empty">{t("sql.empty")}</p></Panel>;
  const { answer } = run;
  return (
    <Panel
      className={run.busy ? "sql-stale" : ""}
      title={<About answer={answer} />}
      extra={
        <>
          <Segmented value={view.kind} onChange={(kind) => onView({ ...view, kind })} options={(["table", "line", "bar"] as const).map((kind) => ({ value: kind, label: t(`chart.${kind}`) }))} />
          <Uses run={run} title={title} />
        </>
      }
    >
      <div className="stack stack-tight">
        <Notes answer={answer} />
        {view.kind === "table" ? <ResultTable answer={answer} /> : <Picture answer={answer} view={view} onView={onView} />}
      </div>
    </Panel>
  );
}

function About({ answer }: { answer: SqlAnswer }) {
  const { t } = useTranslation();
  const format = useFormats();
  return (
    <span>
      {t("sql.rows", { count: answer.rows.length, shown: format.number(answer.rows.length) })}
      <span className="muted small"> · {format.duration(Math.max(1, Math.round(answer.took_micros / 1000)))} · {t("app.as_of", { time: format.dateTime(answer.as_of) })}</span>
    </span>
  );
}

function Notes({ answer }: { answer: SqlAnswer }) {
  const { t } = useTranslation();
  const format = useFormats();
  return (
    <>
      {answer.truncated && <p className="sql-note"><TriangleAlert size={14} aria-hidden />{t("sql.truncated", { rows: format.number(answer.rows.length) })}</p>}
      {answer.masked.length > 0 && <p className="sql-note"><TriangleAlert size={14} aria-hidden />{t("sql.masked", { columns: answer.masked.join(", ") })}</p>}
    </>
  );
}

function Failure({ error, onGoTo }: { error: ApiError; onGoTo: (line: number, column: number) => void }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const { line, column, near, reason } = error.params;
  return (
    <Panel>
      <div className="sql-failure" role="alert">
        <TriangleAlert size={18} aria-hidden />
        <div className="stack stack-tight">
          <strong>{text(error)}</strong>
          {reason !== undefined && <code className="sql-reason">{reason}</code>}
          {near !== undefined && <span>{t("sql.near", { near })}</span>}
          {line !== undefined && column !== undefined && <span><TextButton onClick={() => onGoTo(Number(line), Number(column))}>{t("sql.go_to", { line, column })}</TextButton></span>}
          <code className="muted small">{error.code}{error.requestId === undefined ? "" : ` · ${error.requestId}`}</code>
        </div>
      </div>
    </Panel>
  );
}

function Picture({ answer, view, onView }: { answer: SqlAnswer; view: SqlView; onView: (view: SqlView) => void }) {
  const { t } = useTranslation();
  const format = useFormats();
  const chart = chartOf(answer, view, format);
  if (view.kind === "table") return null;
  return (
    <>
      <ChartChoice answer={answer} view={view} onView={onView} />
      {chart ? (
        <Suspense fallback={<Skeleton rows={8} />}>
          <TrendChart buckets={chart.buckets} lines={chart.lines} kind={view.kind} label={t("sql.chart")} />
        </Suspense>
      ) : (
        <p className="help chart-empty">{t("sql.no_chart")}</p>
      )}
      {chart && chart.left > 0 && <p className="help small">{t("sql.chart_cut", { left: format.number(chart.left) })}</p>}
    </>
  );
}

/** Files, a segment, and a tag. */
function Uses({ run, title }: { run: Run; title: string }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const toast = useToast();
  const ask = useNameDialog();
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<{ id: number; name: string } | null>(null);
  const { asked, answer } = run;
  if (!asked || !answer) return null;
  const take = (format: (typeof FORMATS)[number]) => {
    setBusy(true);
    postDownload("/sql/export", { ...asked, format, title }, `sql.${format}`).catch(toast.failed).finally(() => setBusy(false));
  };
  const people = answer.columns.some((column) => column.person || column.name === "person_no");
  const keep = () =>
    ask({
      title: t("sql.segment_title"),
      label: t("app.name"),
      action: t("app.save"),
      run: async (name) => {
        const segment = await post<{ id: number; name: string; count: number }>("/sql/segment", { ...asked, name });
        setMade(segment);
        toast.done(t("sql.segment_made", { name: segment.name, count: segment.count }));
      },
    });
  return (
    <>
      {made && <Link to={paths.segment(made.id)}>{made.name}</Link>}
      {people && may("segments.write") && <Button icon={<UsersRound size={14} />} onClick={keep}>{t("sql.segment")}</Button>}
      {people && <MakeTag run={run} />}
      {may("people.export") && (
        <Dropdown menu={{ items: FORMATS.map((format) => ({ key: format, label: t(`sql.file_${format}`), onClick: () => take(format) })) }} trigger={["click"]}>
          <Button icon={<Download size={14} />} loading={busy}>{t("sql.export")}</Button>
        </Dropdown>
      )}
    </>
  );
}
