/** The rows of a funnel's sentence: its steps, each with what is special about it, and what must not come between. */
import { useTranslation } from "react-i18next";
import type { FunnelExclusion, FunnelQuery, FunnelStepMatch } from "../../api/types";
import { Button, Checkbox, Chip, Pick, useFormats } from "../../ui";
import { WindowPick } from "./DurationPick";
import { EventRow } from "./EventRow";

const ALTERNATIVES_MAX = 5;

interface StepRowProps {
  query: FunnelQuery;
  index: number;
  value: FunnelStepMatch;
  open: boolean;
  onChange: (step: FunnelStepMatch) => void;
  onRemove?: () => void;
}

export function FunnelStepRow({ query, index, value, open, onChange, onRemove }: StepRowProps) {
  const { t } = useTranslation();
  const others = value.or ?? [];
  const setOthers = (or: FunnelStepMatch["or"]) => onChange({ ...value, or: or && or.length > 0 ? or : undefined });
  return (
    <>
      <EventRow any mark={index + 1} value={value} open={open} onChange={onChange} onRemove={onRemove}>
        <StepOptions query={query} index={index} value={value} onChange={onChange} />
        {others.length + 1 < ALTERNATIVES_MAX && value.event !== "" && <Button type="text" size="small" onClick={() => setOthers([...others, { event: "", filters: [] }])}>{t("analyses.or_event")}</Button>}
      </EventRow>
      {others.map((other, at) => (
        <div key={at} className="query-or">
          <EventRow any mark={t("analyses.or")} value={other} open={other.event === ""} onChange={(next) => setOthers(others.with(at, next))} onRemove={() => setOthers(others.filter((_, own) => own !== at))} />
        </div>
      ))}
    </>
  );
}

/** What is special about a step, as words that open in place. */
function StepOptions({ query, index, value, onChange }: Omit<StepRowProps, "open" | "onRemove">) {
  const { t } = useTranslation();
  const format = useFormats();
  const any = query.order === "any";
  const mayBeOptional = !any && index > 0 && index < query.steps.length - 1 && !query.steps.some((step) => step.within);
  const mayHaveWindow = !any && index > 0 && !query.steps.some((step) => step.optional);
  const words: string[] = [];
  if (value.optional) words.push(t("analyses.optional"));
  if (value.within) words.push(value.within.kind === "days" ? t("analyses.within_days", { count: value.within.days }) : t("analyses.within", { time: format.duration(value.within.seconds * 1000) }));
  if (value.first) words.push(t(`analyses.first_${value.first}`));
  return (
    <Chip
      label={t("analyses.step_options")}
      editor={() => (
        <div className="stack stack-tight">
          <Checkbox checked={value.optional === true} disabled={!mayBeOptional} onChange={(event) => onChange({ ...value, optional: event.target.checked || undefined })}>{t("analyses.optional")}</Checkbox>
          <Checkbox checked={value.within !== undefined} disabled={!mayHaveWindow} onChange={(event) => onChange({ ...value, within: event.target.checked ? { kind: "elapsed", seconds: 3_600 } : undefined })}>{t("analyses.within_before")}</Checkbox>
          {value.within && <WindowPick label="" value={value.within} onChange={(within) => onChange({ ...value, within })} />}
          <Pick
            aria-label={t("analyses.first")}
            value={value.first ?? "none"}
            onChange={(first) => onChange({ ...value, first: first === "none" ? undefined : first })}
            options={(["none", "ever", "matching"] as const).map((first) => ({ value: first, label: t(`analyses.first_${first}`) }))}
          />
          <span className="help">{t("analyses.step_options_help")}</span>
        </div>
      )}
    >
      {words.length > 0 ? words.join(" · ") : "…"}
    </Chip>
  );
}

interface ExclusionRowProps {
  query: FunnelQuery;
  value: FunnelExclusion;
  onChange: (exclusion: FunnelExclusion) => void;
  onRemove: () => void;
}

export function ExclusionRow({ query, value, onChange, onRemove }: ExclusionRowProps) {
  const { t } = useTranslation();
  const last = query.steps.length - 1;
  const after = value.after ?? 0;
  const before = value.before ?? last;
  const steps = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({ value: from + index, label: t("analyses.step_n", { n: from + index + 1 }) }));
  return (
    <EventRow any mark="×" value={value} open={value.event === ""} onChange={onChange} onRemove={onRemove}>
      {query.order !== "any" && (
        <>
          <span className="help">{t("analyses.not_between")}</span>
          <Pick aria-label={t("analyses.exclusion_after")} value={after} options={steps(0, last - 1)} onChange={(next) => onChange({ ...value, after: next, before: Math.max(before, next + 1) })} />
          <span className="help">{t("analyses.and")}</span>
          <Pick aria-label={t("analyses.exclusion_before")} value={before} options={steps(after + 1, last)} onChange={(next) => onChange({ ...value, after, before: next })} />
        </>
      )}
      {query.order === "any" && <span className="help">{t("analyses.not_at_all")}</span>}
    </EventRow>
  );
}
