/** How many go from step to step, and where they leave. The address holds the question. */
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { FunnelQuery } from "../../api/types";
import { Button } from "../../ui";
import { WindowPick } from "./DurationPick";
import { FunnelAnswer } from "./FunnelAnswer";
import { ExclusionRow, FunnelStepRow } from "./FunnelRows";
import { FunnelOptions } from "./FunnelOptions";
import { Scope } from "./Scope";
import { useQuestion, Workbench } from "./Workbench";

const STEPS_MAX = 16;
const EXCLUSIONS_MAX = 5;

/** Without a step; what speaks of steps by their number goes with it. */
function withoutStep(query: FunnelQuery, index: number): FunnelQuery {
  const steps = query.steps.filter((_, at) => at !== index);
  const hold = query.hold && query.hold.length > 1 ? query.hold.filter((_, at) => at !== index) : query.hold;
  const attribution = query.attribution?.kind === "step" ? undefined : query.attribution;
  return { ...query, steps: steps.map((step, at) => (at === 0 || at === steps.length - 1 ? { ...step, optional: undefined } : step)), hold, attribution, exclusions: query.exclusions?.map((one) => ({ event: one.event, filters: one.filters })) };
}

export default function FunnelPage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("funnel");
  const exclusions = query.exclusions ?? [];
  const form = (
    <>
      {query.steps.map((step, index) => (
        <FunnelStepRow
          key={index}
          query={query}
          index={index}
          open={index === query.steps.findIndex((item) => item.event === "")}
          onChange={(next) => change({ ...query, steps: query.steps.with(index, next) })}
          onRemove={query.steps.length > 2 ? () => change(withoutStep(query, index)) : undefined}
          value={step}
        />
      ))}
      {exclusions.map((exclusion, index) => (
        <ExclusionRow
          key={`x${index}`}
          query={query}
          value={exclusion}
          onChange={(next) => change({ ...query, exclusions: exclusions.with(index, next) })}
          onRemove={() => change({ ...query, exclusions: exclusions.filter((_, at) => at !== index) })}
        />
      ))}
      <div className="query-scope">
        <Button size="small" icon={<Plus size={14} />} disabled={query.steps.length >= STEPS_MAX} onClick={() => change({ ...query, steps: [...query.steps, { event: "", filters: [] }] })}>{t("analyses.add_step")}</Button>
        <Button size="small" icon={<Plus size={14} />} disabled={exclusions.length >= EXCLUSIONS_MAX} onClick={() => change({ ...query, exclusions: [...exclusions, { event: "", filters: [] }] })}>{t("analyses.add_exclusion")}</Button>
        <span className="grow" />
        <WindowPick label={t("analyses.window")} value={query.window} onChange={(window) => change({ ...query, window })} />
        <Scope value={query} event={query.steps[0]?.event ?? ""} onChange={change} />
      </div>
      <FunnelOptions query={query} onChange={change} />
    </>
  );
  return (
    <Workbench kind="funnel" query={query} form={form} empty={t("analyses.choose_steps")}>
      {(result) => <FunnelAnswer query={query} result={result} />}
    </Workbench>
  );
}
