/** Long work of the server: how far it is, and the way to stop it. */
import { useQuery } from "@tanstack/react-query";
import { ListTodo } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post } from "../api/client";
import { useWrite } from "../api/query";
import type { Job, JobState, Page } from "../api/types";
import { Ago, Button, Drawer, Empty, Loaded, Progress, Status, useToast, type Tone } from "../ui";

const BUSY_REFRESH_MILLIS = 2_000;
const IDLE_REFRESH_MILLIS = 30_000;

export const JOB_TONES: Record<JobState, Tone> = { queued: "neutral", running: "info", done: "success", failed: "danger", cancelled: "neutral" };

/** Upkeep that comes again and again by itself is nobody's to watch. */
const UPKEEP = ["audience_sweep", "quality_check", "alerts_look", "alerts_tell", "rights_expire"];

function isBusy(job: Job): boolean {
  return job.state === "queued" || job.state === "running";
}

function useJobs() {
  return useQuery({
    queryKey: ["/jobs"],
    queryFn: async ({ signal }) => {
      const page = await get<Page<Job>>("/jobs", { signal });
      return { ...page, items: page.items.filter((job) => !UPKEEP.includes(job.kind) || job.state === "failed") };
    },
    refetchInterval: (query) => (query.state.data?.items.some(isBusy) ? BUSY_REFRESH_MILLIS : IDLE_REFRESH_MILLIS),
  });
}

export function JobsButton() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const jobs = useJobs();
  const busy = jobs.data?.items.filter(isBusy).length ?? 0;
  return (
    <>
      <Button
        type="text"
        className={busy > 0 ? "jobs-busy" : undefined}
        icon={<ListTodo size={16} />}
        aria-label={busy > 0 ? `${t("jobs.title")} ${busy}` : t("jobs.title")}
        title={t("jobs.title")}
        onClick={() => setOpen(true)}
      >
        {busy > 0 ? busy : null}
      </Button>
      <Drawer open={open} onClose={() => setOpen(false)} title={t("jobs.title")} size={400}>
        <Loaded query={jobs}>
          {(page) =>
            page.items.length === 0 ? (
              <Empty icon={<ListTodo size={28} strokeWidth={1.5} />} title={t("jobs.empty")}>{t("jobs.empty_text")}</Empty>
            ) : (
              <ul className="jobs">{page.items.map((job) => <JobRow key={job.id} job={job} />)}</ul>
            )
          }
        </Loaded>
      </Drawer>
    </>
  );
}

function JobRow({ job }: { job: Job }) {
  const { t } = useTranslation();
  return (
    <li>
      <div className="spread">
        <span className="strong">{t(`jobs.kinds.${job.kind as "import"}`, { defaultValue: job.kind })}</span>
        <Status tone={JOB_TONES[job.state]}>{t(`jobs.states.${job.state}`)}</Status>
      </div>
      {job.note && <p className="help">{job.note}</p>}
      {job.error && <p className="field-error">{job.error}</p>}
      <JobProgress job={job} />
      <div className="muted small"><Ago at={job.finished_at ?? job.created_at} /></div>
    </li>
  );
}

/** The bar of one job and its stop button; nothing once it has ended. */
export function JobProgress({ job }: { job: Job }) {
  const { t } = useTranslation();
  const toast = useToast();
  const cancel = useWrite((id: number) => post(`/jobs/${id}/cancel`), ["/jobs"]);
  if (!isBusy(job)) return null;
  return (
    <div className="row">
      <div className="grow">
        <Progress percent={job.total > 0 ? Math.floor((100 * job.done) / job.total) : 0} size="small" status="active" aria-label={t("jobs.title")} />
      </div>
      <Button size="small" onClick={() => cancel.mutate(job.id, { onError: toast.failed })}>{t("jobs.cancel")}</Button>
    </div>
  );
}

/** Follows one job until it ends. */
const ENDED_ASK_MILLIS = 400;

/** The job once it has ended, for short ones whose effect is shown at once; one that failed is an error. */
export async function jobEnded(id: number): Promise<Job> {
  const job = await get<Job>(`/jobs/${id}`);
  if (job.state === "failed") throw new Error(job.error ?? job.state);
  if (!isBusy(job)) return job;
  await new Promise((later) => setTimeout(later, ENDED_ASK_MILLIS));
  return jobEnded(id);
}

export function useJob(id: number | null) {
  return useQuery({
    queryKey: ["/jobs", id],
    queryFn: ({ signal }) => get<Job>(`/jobs/${id}`, { signal }),
    enabled: id !== null,
    refetchInterval: (query) => (query.state.data && !isBusy(query.state.data) ? false : BUSY_REFRESH_MILLIS),
  });
}
