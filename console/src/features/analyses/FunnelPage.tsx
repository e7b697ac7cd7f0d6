/** How many go from step to step, and where they leave. The address holds the question. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import type { EventMatch, FunnelQuery, FunnelResult, FunnelWindow } from "../../api/types";
import { usePageSearch } from "../../app/router";
import { Button, Checkbox, InputNumber, Loaded, Page, Panel, Pick, useFormats } from "../../ui";
import { EventRow } from "./EventRow";
import { FunnelAnswer } from "./FunnelAnswer";
import { SaveButton } from "./SaveButton";
import { Scope } from "./Scope";
import { funnelFrom, isFunnelComplete, NEW_FUNNEL } from "./questions";

const STEPS_MAX = 16;

export default function FunnelPage() {
  const { t } = useTranslation();
  const format = useFormats();
  const [search, setSearch] = usePageSearch();
  const query = funnelFrom(search.q) ?? NEW_FUNNEL;
  const complete = isFunnelComplete(query);
  const change = (next: FunnelQuery) => setSearch({ q: { kind: "funnel", ...next } });
  const answer = useQuery({
    queryKey: ["/analyses/funnel", query],
    queryFn: ({ signal }) => post<FunnelResult>("/analyses/funnel", query, { signal }),
    enabled: complete,
    placeholderData: keepPreviousData,
  });
  const setStep = (index: number, step: EventMatch) => change({ ...query, steps: query.steps.with(index, step) });
  return (
    <Page
      title={t("nav.funnel")}
      status={answer.data && <span className="muted small">{t("app.as_of", { time: format.dateTime(answer.data.as_of) })}</span>}
      primary={<SaveButton query={{ kind: "funnel", ...query }} disabled={!complete} />}
    >
      <Panel>
        <div className="stack stack-tight">
          {query.steps.map((step, index) => (
            <EventRow
              key={index}
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
        </div>
      </Panel>
      {complete ? (
        <Loaded query={answer} rows={8}>{(result) => <FunnelAnswer query={query} result={result} stale={answer.isPlaceholderData} />}</Loaded>
      ) : (
        <Panel><p className="help chart-empty">{t("analyses.choose_steps")}</p></Panel>
      )}
    </Page>
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
