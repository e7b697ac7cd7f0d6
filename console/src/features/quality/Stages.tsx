/** The stages a record passed, as a list from top to bottom, in plain words. */
import { CircleCheck, CircleDashed, CircleX, CircleDot } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ParseKeys } from "i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Trace, TraceStage } from "../../api/types";
import { Link } from "../../app/router";
import { jobEnded } from "../../app/Jobs";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { Button, DateTime, useToast, type Tone } from "../../ui";
import { useQualityWords } from "./quality";

const ICONS = { passed: CircleCheck, changed: CircleDot, waiting: CircleDashed, stopped: CircleX };
const TONES: Record<TraceStage["verdict"], Tone> = { passed: "success", changed: "info", waiting: "neutral", stopped: "danger" };

/** The whole in one word: how far it came. */
export function verdictOf(stages: TraceStage[]): { tone: Tone; text: ParseKeys } {
  const last = stages.at(-1);
  if (!last) return { tone: "neutral", text: "quality.verdict_waiting" };
  if (last.code === "duplicate") return { tone: "neutral", text: "quality.verdict_duplicate" };
  if (last.code === "time_parked") return { tone: "warning", text: "quality.verdict_parked" };
  if (last.code === "quarantined") return { tone: "warning", text: "quality.verdict_quarantined" };
  if (last.verdict === "stopped") return { tone: "danger", text: "quality.verdict_stopped" };
  if (last.verdict === "waiting") return { tone: "neutral", text: "quality.verdict_waiting" };
  return { tone: "success", text: "quality.verdict_here" };
}

export function Stages({ trace }: { trace: Trace }) {
  return (
    <ol className="stages">
      {trace.stages.map((stage) => <StageLine key={stage.stage} stage={stage} trace={trace} />)}
    </ol>
  );
}

function StageLine({ stage, trace }: { stage: TraceStage; trace: Trace }) {
  const { t } = useTranslation();
  const words = useQualityWords();
  const Icon = ICONS[stage.verdict];
  const reason = stage.reason ? t(`names.reject_reasons.${stage.reason}`, { defaultValue: stage.reason }) : "";
  const values = {
    source: trace.source,
    protocol: trace.protocol,
    reason,
    why: `${stage.plan_reason ? t(`plan.reasons.${stage.plan_reason}`) : reason}${stage.field ? ` (${stage.field})` : ""}`,
    field: stage.field ?? "",
    shift: typeof stage.shift_ms === "number" ? words.span(stage.shift_ms) : "",
    direction: t((stage.shift_ms ?? 0) > 0 ? "quality.clock_behind" : "quality.clock_ahead"),
  };
  return (
    <li className={`stage tone-${TONES[stage.verdict]}`}>
      <Icon size={18} aria-label={t(`quality.mark_${stage.verdict}`)} />
      <div className="stack stack-tight">
        <strong>{t(`quality.stage_${stage.stage}`)}</strong>
        <span>{t(`quality.say_${stage.code}`, values)} {stage.at && <span className="muted"><DateTime at={stage.at} /></span>}{typeof stage.person === "number" && <Link to={paths.person(stage.person)}>{t("quality.person", { person: stage.person })}</Link>}</span>
        {stage.code === "time_parked" && typeof stage.number === "number" && <LetIn number={stage.number} />}
        {(stage.code === "quarantined" || stage.code === "nobody" || stage.code === "refused") && <Link to={paths.rejects}>{t("quality.see_quarantine")}</Link>}
      </div>
    </li>
  );
}

/** Lets in a record that was set aside for its time. */
export function LetIn({ number }: { number: number }) {
  const { t } = useTranslation();
  const toast = useToast();
  const { may } = useSession();
  const replay = useWrite(async (to: "client" | "received") => {
    const { job_id: job } = await post<{ job_id: number }>("/plan/quarantine/replay", { filter: { entries: [number] }, fixes: [{ kind: "time", to }] });
    // What is asked for afterwards is to show it let in.
    return jobEnded(job);
  }, ["/quality/trace", "/plan", "/events/live", "/jobs"]);
  if (!may("data.write")) return null;
  const run = (to: "client" | "received") => replay.mutate(to, { onSuccess: () => toast.done(t("quality.let_in_done")), onError: toast.failed });
  return (
    <div className="row">
      <Button size="small" loading={replay.isPending} onClick={() => run("client")}>{t("quality.let_in_client")}</Button>
      <Button size="small" loading={replay.isPending} onClick={() => run("received")}>{t("quality.let_in_received")}</Button>
    </div>
  );
}
