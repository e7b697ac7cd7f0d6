/** Who did one thing after another. The address holds the question. */
import { Plus } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SequenceCell, SequenceQuery, SequenceResult, SequenceStep } from "../../api/types";
import { Distribution } from "../../chart";
import type { ChartLine } from "../../chart/TrendChart";
import { Button, Checkbox, Panel, Segmented, Skeleton, Stat, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { DurationPick } from "./DurationPick";
import { EventRow } from "./EventRow";
import { GroupPick } from "./GroupPick";
import { NumberPick } from "./NumberPick";
import { IntervalPick, Scope } from "./Scope";
import { useQuestion, Workbench } from "./Workbench";

const TrendChart = lazy(() => import("../../chart/TrendChart"));
const STEPS_MAX = 16;
const DAY_SECONDS = 86_400;
const MARKS = ["first", "people", "matches"] as const;
type Mark = (typeof MARKS)[number];

export default function SequencePage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("sequence");
  const setStep = (index: number, step: SequenceStep) => change({ ...query, steps: query.steps.with(index, step) });
  const form = (
    <>
      {query.steps.map((step, index) => (
        <Step key={index} at={index} value={step} onChange={(next) => setStep(index, next)} onRemove={query.steps.length > 1 ? () => change({ ...query, steps: query.steps.filter((_, at) => at !== index) }) : undefined} />
      ))}
      <div className="query-scope">
        <Button size="small" icon={<Plus size={14} />} disabled={query.steps.length >= STEPS_MAX} onClick={() => change({ ...query, steps: [...query.steps, { event: "", filters: [] }] })}>{t("analyses.add_step")}</Button>
        <Scope value={query} event={query.steps.at(-1)?.event} onChange={change} />
        <span className="grow" />
        <NumberPick label={t("analyses.least_times")} value={query.least_times} least={1} most={1_000} onChange={(times) => change({ ...query, least_times: times })} />
        <IntervalPick value={query.interval} onChange={(interval) => change({ ...query, interval })} />
      </div>
    </>
  );
  return (
    <Workbench kind="sequence" query={query} form={form} empty={t("analyses.choose_sequence")}>
      {(result) => <SequenceAnswer query={query} result={result} />}
    </Workbench>
  );
}

interface StepProps {
  at: number;
  value: SequenceStep;
  onChange: (step: SequenceStep) => void;
  onRemove?: () => void;
}

/** A step, and from the second one on how it follows the one before. */
function Step({ at, value, onChange, onRemove }: StepProps) {
  const { t } = useTranslation();
  return (
    <>
      <EventRow any mark={at + 1} value={value} open={value.event === ""} onChange={onChange} onRemove={onRemove}>
        {at > 0 && (
          <>
            <Checkbox checked={value.within_seconds !== undefined} onChange={(event) => onChange({ ...value, within_seconds: event.target.checked ? DAY_SECONDS : undefined })}>{t("analyses.gap_most")}</Checkbox>
            {value.within_seconds !== undefined && <DurationPick quiet label={t("analyses.gap_most")} value={value.within_seconds} onChange={(seconds) => onChange({ ...value, within_seconds: seconds })} />}
            <Checkbox checked={value.after_seconds !== undefined} onChange={(event) => onChange({ ...value, after_seconds: event.target.checked ? 3_600 : undefined })}>{t("analyses.gap_least")}</Checkbox>
            {value.after_seconds !== undefined && <DurationPick quiet label={t("analyses.gap_least")} value={value.after_seconds} onChange={(seconds) => onChange({ ...value, after_seconds: seconds })} />}
            <Checkbox checked={value.without !== undefined} onChange={(event) => onChange({ ...value, without: event.target.checked ? { event: "", filters: [] } : undefined })}>{t("analyses.without")}</Checkbox>
          </>
        )}
      </EventRow>
      {at > 0 && value.without && (
        <EventRow any mark="⊘" value={value.without} open={value.without.event === ""} onChange={(without) => onChange({ ...value, without })} onRemove={() => onChange({ ...value, without: undefined })}>
          <span className="help">{t("analyses.without_help")}</span>
        </EventRow>
      )}
    </>
  );
}

export function SequenceAnswer({ query, result }: { query: SequenceQuery; result: SequenceResult }) {
  const { t } = useTranslation();
  const format = useFormats();
  const [at, setAt] = useState(0);
  const [mark, setMark] = useState<Mark>("first");
  const [cell, setCell] = useState<Cell | null>(null);
  const group = result.groups[at] ?? result.groups[0];
  const buckets = useMemo(() => result.buckets.map((bucket) => ({ label: bucket.start, complete: bucket.complete })), [result.buckets]);
  const lines = useMemo((): ChartLine[] => [{ key: mark, name: t(`analyses.sequence_${mark}`), values: (group?.buckets ?? []).map((counts) => counts[mark]), format: (value) => format.number(value), compact: format.compact }], [group, mark, t, format]);
  if (!group) return null;
  const open = (what: SequenceCell["what"], title: string) => setCell({ kind: "sequence", query, cell: { what, group: group.group }, title });
  const openBucket = (bucket: number) => {
    const start = result.buckets[bucket]?.start;
    if (start) open({ kind: mark === "first" ? "first" : "completed", bucket: start }, `${t(`analyses.sequence_${mark}`)} · ${start}`);
  };
  const last = group.times.length;
  const timesName = (times: number) => (times === last ? t("analyses.times_or_more", { count: times }) : t("analyses.times", { count: times }));
  const most = group.times.findLastIndex((people) => people > 0) + 1;
  return (
    <div className="stack">
      <Panel
        title={<GroupPick groups={result.groups.map((item) => item.group)} at={at} onPick={setAt} />}
        extra={<Segmented value={mark} onChange={setMark} options={MARKS.map((one) => ({ value: one, label: t(`analyses.sequence_${one}`) }))} />}
        help={t("analyses.sequence_help")}
      >
        <div className="totals stats-row">
          <Stat label={t("analyses.measure_people")} onClick={() => open({ kind: "all" }, t("nav.sequence"))}>{format.number(group.people)}</Stat>
          <Stat label={t("analyses.sequence_matches")}>{format.number(group.matches)}</Stat>
        </div>
        <Suspense fallback={<Skeleton rows={8} />}>
          <TrendChart buckets={buckets} lines={lines} kind="bar" label={t("nav.sequence")} onPoint={(_, bucket) => bucket !== undefined && openBucket(bucket)} />
        </Suspense>
        {!result.complete && <p className="help small">{t("analyses.range_open")}</p>}
      </Panel>
      {most > 0 && (
        <Panel title={t("analyses.how_often")}>
          <Distribution rows={group.times.slice(0, most).map((people, index) => ({ key: String(index + 1), name: timesName(index + 1), value: people }))} total={group.people} onOpen={(key) => open({ kind: "times", times: Number(key), or_more: Number(key) === last }, timesName(Number(key)))} />
        </Panel>
      )}
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </div>
  );
}
