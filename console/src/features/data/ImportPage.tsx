/** One import or check of a file: how far it is, what came of it, and the rows that could not be used. */
import { useQuery } from "@tanstack/react-query";
import { PencilLine, Upload as UploadIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { get, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Import } from "../../api/types";
import { JOB_TONES } from "../../app/Jobs";
import { Link, useGo, useIdParam } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { Button, Label, Loaded, Num, Page, Panel, Stat, Status, useFormats, useToast } from "../../ui";
import { ImportProgress } from "./ImportProgress";
import { RefusedRows } from "./RefusedRows";

const REFRESH_MILLIS = 1_500;

function isBusy(item: Import): boolean {
  return item.state === "queued" || item.state === "running";
}

export default function ImportPage() {
  const { t } = useTranslation();
  const go = useGo();
  const id = useIdParam();
  const query = useQuery({
    queryKey: ["/imports", id],
    queryFn: ({ signal }) => get<Import>(`/imports/${id}`, { signal }),
    refetchInterval: (q) => (q.state.data && isBusy(q.state.data) ? REFRESH_MILLIS : false),
  });
  const data = query.data;
  return (
    <Page
      title={data?.name ?? t("nav.imports")}
      status={data && <><Status tone={JOB_TONES[data.state]}>{t(`jobs.states.${data.state}`)}</Status> {data.dry_run && <Label tone="info">{t("data.dry_run")}</Label>}</>}
      back={{ label: t("nav.imports"), onClick: () => go(paths.imports) }}
    >
      <Loaded query={query}>{(item) => <Result item={item} at={query.dataUpdatedAt} />}</Loaded>
    </Page>
  );
}

/** After a check: write it, or put the mapping right. */
function NextStep({ item }: { item: Import }) {
  const { t } = useTranslation();
  const go = useGo();
  const toast = useToast();
  const { may } = useSession();
  const format = useFormats();
  const start = useWrite(() => post<Import>(`/imports/uploads/${item.upload}/start`, { mapping: item.mapping, dry_run: false }), ["/imports", "/jobs"]);
  if (!may("data.write")) return null;
  return (
    <div className="row row-end">
      <Button icon={<PencilLine size={14} />} onClick={() => go(paths.newImport, { upload: String(item.upload), from: String(item.id) })}>{t("data.change_mapping")}</Button>
      {item.state === "done" && item.accepted > 0 && (
        <Button type="primary" icon={<UploadIcon size={14} />} loading={start.isPending} onClick={() => void start.mutateAsync(undefined).then((made) => go(paths.importDetail(made.id)), toast.failed)}>
          {t("data.import_rows", { rows: format.number(item.accepted) })}
        </Button>
      )}
    </div>
  );
}

function Result({ item, at }: { item: Import; at: number }) {
  const { t } = useTranslation();
  const busy = isBusy(item);
  return (
    <>
      {busy && <ImportProgress item={item} at={at} />}
      <div className="stats">
        <Stat label={t("data.rows")}><Num value={item.rows} /></Stat>
        <Stat label={t(item.dry_run ? "data.would_accept" : "data.accepted")}><Num value={item.accepted} /></Stat>
        <Stat label={t("data.rejected")}><Num value={item.rejected} /></Stat>
        {item.skipped > 0 && <Stat label={t("data.skipped")} note={t("data.skipped_note")}><Num value={item.skipped} /></Stat>}
        {item.kind === "list"
          ? <Stat label={t("data.list_people")}><Num value={item.people} /></Stat>
          : <Stat label={t(item.dry_run ? "data.would_write" : "data.written")} note={t("data.written_note")}><Num value={item.records} /></Stat>}
      </div>
      {item.error && <div className="note tone-danger"><p>{item.error}</p></div>}
      {item.state === "cancelled" && <div className="note tone-warning"><p>{t(item.dry_run ? "data.check_cancelled" : "data.import_cancelled")}</p></div>}
      {item.state === "done" && <Done item={item} />}
      {item.dry_run && !busy && item.upload !== null && item.upload !== undefined && <NextStep item={item} />}
      {item.rejected > 0 && <RefusedRows item={item} />}
    </>
  );
}

function Done({ item }: { item: Import }) {
  const { t } = useTranslation();
  const format = useFormats();
  if (item.dry_run) {
    if (item.upload === null || item.upload === undefined) return <div className="note tone-info"><p>{t("data.check_over")}</p></div>;
    const clean = item.rejected === 0;
    return <div className={`note ${clean ? "tone-success" : "tone-warning"}`}><p>{clean ? t("data.check_clean") : t("data.check_found", { rows: format.number(item.rejected) })}</p></div>;
  }
  return (
    <Panel>
      <p>
        {t(item.rejected === 0 ? "data.import_clean" : "data.import_rest")}{" "}
        {item.segment === null || item.segment === undefined ? <Link to={paths.people}>{t("data.see_people")}</Link> : <Link to={paths.segment(item.segment)}>{t("data.see_segment")}</Link>}
      </p>
    </Panel>
  );
}
