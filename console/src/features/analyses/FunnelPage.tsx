/** How many go from step to step, and where they leave. The address holds the question. */
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { EventMatch, FunnelWindow } from "../../api/types";
import { Button, Checkbox, InputNumber, Pick } from "../../ui";
import { EventRow } from "./EventRow";
import { FunnelAnswer } from "./FunnelAnswer";
import { Scope } from "./Scope";
import { useQuestion, Workbench } from "./Workbench";

const STEPS_MAX = 16;

export default function FunnelPage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("funnel");
  const setStep = (index: number, step: EventMatch) => change({ ...query, steps: query.steps.with(index, step) });
  const form = (
    <>
      {query.steps.map((step, index) => (
        <EventRow
          key={index}
          any
          mark={index + 1}
          value={step}
          open={index === query.steps.findIndex((item) => item.event === "")}
          onChange={(next) => setStep(index, next)}
          onRemove={query.steps.length > 2 ? () => change({ ...query, steps: query.steps.filter((_, at) => at !== index) }) : undefined}
        />
      ))}
      <div className="query-scope">
        <Button size="small" icon={<Plus size={14} />} disabled={query.steps.length >= STEPS_MAX} onClick={() => change({ ...query, steps: [...query.steps, { event: "", filters: [] }] })}>
          {t("analyses.add_step")}
        </Button>
        <span className="grow" />
        <WindowPick value={query.window} onChange={(window) => change({ ...query, window })} />
        <Scope value={query} event={query.steps[0]?.event ?? ""} onChange={change} />
        <Checkbox checked={query.must_increase} onChange={(event) => change({ ...query, must_increase: event.target.checked })}>{t("analyses.must_increase")}</Checkbox>
      </div>
    </>
  );
  return (
    <Workbench kind="funnel" query={query} form={form} empty={t("analyses.choose_steps")}>
      {(result) => <FunnelAnswer query={query} result={result} />}
    </Workbench>
  );
}

const UNITS = { minutes: 60, hours: 3_600, elapsed_days: 86_400 } as const;
type Unit = keyof typeof UNITS | "days";

function unitOf(window: FunnelWindow): Unit {
  if (window.kind === "days") return "days";
  if (window.seconds % UNITS.elapsed_days === 0) return "elapsed_days";
  return window.seconds % UNITS.hours === 0 ? "hours" : "minutes";
}

function WindowPick({ value, onChange }: { value: FunnelWindow; onChange: (window: FunnelWindow) => void }) {
  const { t } = useTranslation();
  const unit = unitOf(value);
  const amount = value.kind === "days" ? value.days : value.seconds / UNITS[unit as keyof typeof UNITS];
  const make = (count: number, next: Unit): FunnelWindow => (next === "days" ? { kind: "days", days: count } : { kind: "elapsed", seconds: count * UNITS[next] });
  return (
    <span className="row row-tight">
      <span className="help">{t("analyses.window")}</span>
      <InputNumber min={1} precision={0} style={{ width: 72 }} aria-label={t("analyses.window")} value={amount} onChange={(count) => count && onChange(make(count, unit))} />
      <Pick
        aria-label={t("analyses.window_unit")}
        style={{ minWidth: 110 }}
        value={unit}
        onChange={(next) => onChange(make(amount, next))}
        options={(["minutes", "hours", "elapsed_days", "days"] as const).map((item) => ({ value: item, label: t(`analyses.unit_${item}`) }))}
      />
    </span>
  );
}
