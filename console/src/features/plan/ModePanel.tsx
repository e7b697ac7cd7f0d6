/** Lenient or strict, with what strict would have done to the newest records. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, put } from "../../api/client";
import { useWrite } from "../../api/query";
import type { PlanMode, PlanOverview, PlanPreview } from "../../api/types";
import { useGo } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { DataTable } from "../../table";
import { Button, Loaded, Modal, Num, Panel, Stat, Status, useConfirm, useFormats, useToast } from "../../ui";
import { usePlanOverview, useSubjectTitle } from "./plan";

export function ModePanel() {
  const overview = usePlanOverview();
  return <Loaded query={overview} rows={2}>{(plan) => <Mode plan={plan} />}</Loaded>;
}

function Mode({ plan }: { plan: PlanOverview }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const go = useGo();
  const confirm = useConfirm();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const save = useWrite((mode: PlanMode) => put<void>("/plan/mode", { mode }), ["/plan"]);
  const change = (mode: PlanMode) => save.mutateAsync(mode).then(() => toast.done(t("plan.mode_changed")));
  const strict = plan.mode === "strict";
  const ask = () =>
    strict
      ? confirm({ title: t("plan.lenient_title"), content: t("plan.lenient_text"), action: t("plan.to_lenient"), run: () => change("lenient") })
      : setAsking(true);
  const { subjects_overflow: subjects, properties_overflow: properties } = plan.limits;
  return (
    <>
      <Panel
        title={t("plan.mode")}
        help={t("plan.mode_help")}
        extra={
          <div className="row">
            <Status tone={strict ? "brand" : "neutral"}>{t(`plan.modes.${plan.mode}`)}</Status>
            {may("project.manage") && <Button onClick={ask}>{strict ? t("plan.to_lenient") : t("plan.to_strict")}</Button>}
          </div>
        }
      >
        <div className="stats">
          <Stat label={t("plan.statuses.learned")}><Num value={plan.statuses.learned} /></Stat>
          <Stat label={t("plan.stat_declared")}><Num value={(plan.statuses.verified ?? 0) + (plan.statuses.planned ?? 0) + (plan.statuses.deprecated ?? 0)} /></Stat>
          <Stat label={t("plan.drift")}><Num value={plan.drifting} /></Stat>
          <Stat label={t("plan.quarantine_open")} onClick={() => go(paths.rejects)}><Num value={plan.quarantine.open} /></Stat>
        </div>
        {subjects + properties > 0 && <div className="note tone-warning"><p>{t("plan.overflow", { subjects, properties })}</p></div>}
      </Panel>
      {asking && (
        <Modal
          open
          centered
          width={640}
          title={t("plan.strict_title")}
          okText={t("plan.to_strict")}
          cancelText={t("app.cancel")}
          confirmLoading={save.isPending}
          onCancel={() => setAsking(false)}
          onOk={() => void change("strict").then(() => setAsking(false), toast.failed)}
        >
          <StrictPreview />
        </Modal>
      )}
    </>
  );
}

function StrictPreview() {
  const query = useQuery({ queryKey: ["/plan/preview"], queryFn: ({ signal }) => get<PlanPreview>("/plan/preview", { signal }), staleTime: 0 });
  return <Loaded query={query} rows={4}>{(preview) => <PreviewTable preview={preview} />}</Loaded>;
}

function PreviewTable({ preview }: { preview: PlanPreview }) {
  const { t } = useTranslation();
  const title = useSubjectTitle();
  const format = useFormats();
  const { records, aside, without_keys: without } = preview;
  const number = (value: number) => format.number(value);
  if (records === 0) return <p>{t("plan.preview_empty")}</p>;
  if (aside + without === 0) return <p>{t("plan.preview_none", { records: number(records) })}</p>;
  return (
    <div className="stack">
      <p>{t("plan.preview", { records: number(records), aside: number(aside), without: number(without) })}</p>
      <DataTable
        label={t("plan.strict_title")}
        rows={preview.rows}
        rowKey={(row) => `${row.reason}:${row.kind}:${row.subject}:${row.field}`}
        columns={[
          { key: "reason", title: t("plan.reason"), cell: (row) => t(`plan.reasons.${row.reason}`) },
          { key: "subject", title: t("plan.subject"), cell: (row) => <>{title({ kind: row.kind, name: row.subject })} {row.field !== "" && <code>{row.field}</code>}</> },
          { key: "records", title: t("plan.records"), align: "end", sort: (row) => row.records, cell: (row) => <Num value={row.records} /> },
        ]}
      />
    </div>
  );
}
