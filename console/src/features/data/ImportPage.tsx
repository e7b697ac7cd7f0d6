/** One import: how far it is, and every row that could not be used. */
import { useQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { download, get } from "../../api/client";
import { errorFromBody } from "../../api/errors";
import type { Import } from "../../api/types";
import { JOB_TONES, JobProgress, useJob } from "../../app/Jobs";
import { Link, useGo, useIdParam } from "../../app/router";
import { paths } from "../../paths";
import { DataTable } from "../../table";
import { useErrorText, Button, Loaded, Num, Page, Panel, Stat, Status, useToast } from "../../ui";

const REFRESH_MILLIS = 1_500;

export default function ImportPage() {
  const { t } = useTranslation();
  const go = useGo();
  const id = useIdParam();
  const query = useQuery({
    queryKey: ["/imports", id],
    queryFn: ({ signal }) => get<Import>(`/imports/${id}`, { signal }),
    refetchInterval: (q) => (q.state.data && ["queued", "running"].includes(q.state.data.state) ? REFRESH_MILLIS : false),
  });
  const data = query.data;
  return (
    <Page
      title={data?.name ?? t("nav.imports")}
      status={data && <Status tone={JOB_TONES[data.state]}>{t(`jobs.states.${data.state}`)}</Status>}
      back={{ label: t("nav.imports"), onClick: () => go(paths.imports) }}
    >
      <Loaded query={query}>{(item) => <Result item={item} />}</Loaded>
    </Page>
  );
}

function Result({ item }: { item: Import }) {
  const { t } = useTranslation();
  const { i18n } = useTranslation();
  const errorText = useErrorText();
  const toast = useToast();
  const reason = (row: Import["errors"][number]) => {
    const key = `names.reject_reasons.${row.code}`;
    if (i18n.exists(key)) return t(key as "names.reject_reasons.bad_time");
    return errorText(errorFromBody(422, { error: { code: row.code, message: row.message } }));
  };
  const job = useJob(["queued", "running"].includes(item.state) ? item.job_id : null);
  return (
    <>
      {job.data && <JobProgress job={job.data} />}
      <div className="stats">
        <Stat label={t("data.rows")}><Num value={item.rows} /></Stat>
        <Stat label={t("data.accepted")}><Num value={item.accepted} /></Stat>
        <Stat label={t("data.rejected")}><Num value={item.rejected} /></Stat>
      </div>
      {item.error && <div className="note tone-danger"><p>{item.error}</p></div>}
      {item.state === "done" && item.rejected === 0 && (
        <Panel><p>{t("data.import_clean")} <Link to={paths.people}>{t("data.see_people")}</Link></p></Panel>
      )}
      {item.errors.length > 0 && (
        <Panel
          flush
          title={t("data.row_errors")}
          help={t("data.row_errors_help")}
          extra={<Button icon={<Download size={14} />} onClick={() => void download(`/imports/${item.id}/errors.csv`, `${item.name}.errors.csv`).catch(toast.failed)}>{t("data.errors_csv")}</Button>}
        >
          <DataTable
            label={t("data.row_errors")}
            rows={item.errors}
            rowKey={(row) => `${row.row}:${row.column ?? ""}:${row.code}`}
            columns={[
              { key: "row", title: t("data.row"), align: "end", width: 80, sort: (row) => row.row, cell: (row) => row.row },
              { key: "column", title: t("data.column"), cell: (row) => row.column ?? "–" },
              { key: "message", title: t("data.reason"), cell: (row) => <div className="cell-title"><strong>{reason(row)}</strong><span>{row.message}</span></div> },
            ]}
          />
        </Panel>
      )}
    </>
  );
}
