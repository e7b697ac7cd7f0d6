/** Giving records of the quarantine back, mended on the way; or discarding them. */
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { AsideReason, PlanFix, PlanType } from "../../api/types";
import { useJob } from "../../app/Jobs";
import { Button, IconButton, Input, Modal, Pick, Progress, useConfirm, useToast } from "../../ui";
import { TYPES } from "./plan";

export interface QuarantineFilter {
  entries?: number[];
  reason?: AsideReason | null;
  subject?: string | null;
  source?: string | null;
  from?: string | null;
}

interface Asked {
  filter: QuarantineFilter;
  fixes: PlanFix[];
  discard: boolean;
}

const FIXES: PlanFix["kind"][] = ["rename_event", "rename_key", "cast", "drop_key", "time"];

function useReplay() {
  return useWrite((asked: Asked) => post<{ job_id: number }>("/plan/quarantine/replay", asked), ["/plan", "/jobs"]);
}

export function useDiscard(): (filter: QuarantineFilter) => void {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const toast = useToast();
  const replay = useReplay();
  return (filter) =>
    confirm({
      title: t("plan.discard_title"),
      content: t("plan.discard_text"),
      action: t("plan.discard"),
      danger: true,
      run: () => replay.mutateAsync({ filter, fixes: [], discard: true }).then(() => toast.done(t("plan.replay_started"))),
    });
}

function fresh(kind: PlanFix["kind"]): PlanFix {
  if (kind === "rename_event") return { kind, to: "" };
  if (kind === "rename_key") return { kind, from: "", to: "" };
  if (kind === "time") return { kind, to: "client" };
  return kind === "cast" ? { kind, key: "", to: "number" } : { kind, key: "" };
}

function complete(fix: PlanFix): boolean {
  return Object.values(fix).every((text) => text.trim() !== "");
}

interface ReplayDialogProps {
  filter: QuarantineFilter;
  onClose: () => void;
}

export function ReplayDialog({ filter, onClose }: ReplayDialogProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const replay = useReplay();
  // What was set aside for its time stays there until somebody says which time is meant.
  const [fixes, setFixes] = useState<PlanFix[]>(filter.reason === "future_time" || filter.reason === "past_time" ? [fresh("time")] : []);
  const [job, setJob] = useState<number | null>(null);
  const change = (at: number, fix: PlanFix) => setFixes(fixes.map((known, index) => (index === at ? fix : known)));
  const start = () => replay.mutate({ filter, fixes, discard: false }, { onSuccess: (started) => setJob(started.job_id), onError: toast.failed });
  return (
    <Modal
      open
      centered
      width={620}
      title={t("plan.replay_title")}
      onCancel={onClose}
      cancelText={job === null ? t("app.cancel") : t("app.close")}
      okText={t("plan.start_replay")}
      okButtonProps={{ disabled: job !== null || !fixes.every(complete), loading: replay.isPending }}
      onOk={start}
    >
      {job === null ? (
        <div className="stack">
          <p>{t(filter.entries ? "plan.replay_scope_one" : "plan.replay_scope")}</p>
          <strong>{t("plan.fixes")}</strong>
          <p className="help">{t("plan.fixes_help")}</p>
          {fixes.map((fix, at) => (
            // The order is what tells repairs apart.
            // oxlint-disable-next-line react/no-array-index-key
            <div className="row" key={at}>
              <FixEditor fix={fix} onChange={(next) => change(at, next)} />
              <IconButton label={t("plan.fix_drop_key")} icon={<X size={14} />} onClick={() => setFixes(fixes.filter((_, index) => index !== at))} />
            </div>
          ))}
          <div><Button icon={<Plus size={14} />} onClick={() => setFixes([...fixes, fresh("rename_key")])}>{t("plan.add_fix")}</Button></div>
        </div>
      ) : (
        <Outcome job={job} />
      )}
    </Modal>
  );
}

function FixEditor({ fix, onChange }: { fix: PlanFix; onChange: (fix: PlanFix) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Pick aria-label={t("plan.fixes")} value={fix.kind} onChange={(kind) => onChange(fresh(kind))} options={FIXES.map((value) => ({ value, label: t(`plan.fix_${value}`) }))} />
      {fix.kind === "rename_key" && <Name label={t("plan.fix_from")} value={fix.from} onChange={(from) => onChange({ ...fix, from })} />}
      {(fix.kind === "cast" || fix.kind === "drop_key") && <Name label={t("plan.fix_from")} value={fix.key} onChange={(key) => onChange({ ...fix, key })} />}
      {(fix.kind === "rename_key" || fix.kind === "rename_event") && <Name label={t("plan.fix_to")} value={fix.to} onChange={(to) => onChange({ ...fix, to })} />}
      {fix.kind === "time" && <Pick aria-label={t("plan.fix_time")} value={fix.to} onChange={(to) => onChange({ ...fix, to })} options={[{ value: "client", label: t("quality.let_in_client") }, { value: "received", label: t("quality.let_in_received") }]} />}
      {fix.kind === "cast" && <Pick<PlanType> aria-label={t("plan.type")} value={fix.to} onChange={(to) => onChange({ ...fix, to })} options={TYPES.map((value) => ({ value, label: t(`plan.types.${value}`) }))} />}
    </>
  );
}

function Name({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return <Input style={{ width: 140 }} placeholder={label} aria-label={label} value={value} onChange={(event) => onChange(event.target.value)} />;
}

interface Report {
  replayed: number;
  refused: number;
  discarded: number;
  gone: number;
}

function isReport(value: unknown): value is Report {
  return typeof value === "object" && value !== null && "replayed" in value;
}

function Outcome({ job: id }: { job: number }) {
  const { t } = useTranslation();
  const job = useJob(id).data;
  const ended = useWrite(() => Promise.resolve(), ["/plan"]);
  const done = job !== undefined && !["queued", "running"].includes(job.state);
  const [told, setTold] = useState(false);
  if (done && !told) {
    setTold(true);
    ended.mutate(undefined);
  }
  if (!job || !done) return <div className="stack"><Progress percent={job && job.total > 0 ? Math.round((100 * job.done) / job.total) : 0} /><p className="help">{t("plan.replay_started")}</p></div>;
  if (job.state === "failed") return <div className="note tone-danger"><p>{job.error}</p></div>;
  const result: unknown = job.result;
  return <p role="status">{isReport(result) ? t("plan.replay_result", { ...result }) : t(`jobs.states.${job.state}`)}</p>;
}
