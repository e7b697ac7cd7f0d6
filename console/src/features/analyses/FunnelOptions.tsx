/** How a funnel is counted: order, what is held, what counts, attribution, over time. */
import { useTranslation } from "react-i18next";
import type { FunnelAttribution, FunnelCount, FunnelOrder, FunnelQuery, Interval } from "../../api/types";
import { usePropertyOptions } from "../../condition";
import { Checkbox, Pick } from "../../ui";
import { DurationPick } from "./DurationPick";
import { useIntervals } from "./Scope";

const ORDERS: FunnelOrder[] = ["ordered", "strict", "strict_listed", "any"];
const SESSION_GAP = 1_800;

interface OptionsProps {
  query: FunnelQuery;
  onChange: (query: FunnelQuery) => void;
}

/** Leaves out what makes no sense for steps in any order. */
function ordered(query: FunnelQuery, order: FunnelOrder): FunnelQuery {
  if (order !== "any") return { ...query, order };
  const attribution = query.attribution?.kind === "step" ? undefined : query.attribution;
  return {
    ...query,
    order,
    attribution,
    must_increase: false,
    steps: query.steps.map((step) => ({ ...step, optional: undefined, within: undefined })),
    exclusions: query.exclusions?.map((one) => ({ event: one.event, filters: one.filters })),
  };
}

export function FunnelOptions({ query, onChange }: OptionsProps) {
  const { t } = useTranslation();
  const order = query.order ?? "ordered";
  const trends = useIntervals(query.trend);
  return (
    <div className="query-scope">
      <Pick aria-label={t("analyses.order")} style={{ minWidth: 150 }} value={order} onChange={(next) => onChange(ordered(query, next))} options={ORDERS.map((one) => ({ value: one, label: t(`analyses.order_${one}`) }))} />
      <HoldPick query={query} onChange={onChange} />
      <CountPick query={query} onChange={onChange} />
      <AttributionPick query={query} onChange={onChange} />
      <Pick
        allowClear
        aria-label={t("analyses.funnel_trend")}
        placeholder={t("analyses.funnel_trend")}
        style={{ minWidth: 130 }}
        value={query.trend}
        onChange={(trend: Interval | undefined) => onChange({ ...query, trend })}
        options={trends.map((one) => ({ value: one, label: `${t("analyses.funnel_trend")} · ${t(`analyses.by_${one}`)}` }))}
      />
      {order !== "any" && <Checkbox checked={query.must_increase} onChange={(event) => onChange({ ...query, must_increase: event.target.checked })}>{t("analyses.must_increase")}</Checkbox>}
      <Checkbox checked={query.clamp === true} onChange={(event) => onChange({ ...query, clamp: event.target.checked || undefined })}>{t("analyses.clamp")}</Checkbox>
      {(query.exclusions ?? []).length > 0 && <Checkbox checked={query.excluding === "removes"} onChange={(event) => onChange({ ...query, excluding: event.target.checked ? "removes" : undefined })}>{t("analyses.excluding_removes")}</Checkbox>}
      {order === "strict" && <p className="help">{t("analyses.strict_help")}</p>}
    </div>
  );
}

/** The property that all steps share; other ways of holding come by the address or the API. */
function HoldPick({ query, onChange }: OptionsProps) {
  const { t } = useTranslation();
  const properties = usePropertyOptions(query.steps[0]?.event ?? "");
  const held = query.hold?.length === 1 ? query.hold[0] : query.hold?.join(", ");
  const options = properties.map((property) => ({ ...property, label: t("analyses.hold_property", { property: property.label }) }));
  if (held !== undefined && !options.some((option) => option.value === held)) options.unshift({ value: held, label: t("analyses.hold_property", { property: held }), keywords: held, kind: "text" });
  const pick = (property: string | undefined) => onChange({ ...query, hold: property === undefined ? undefined : [property], count: property === undefined && query.count?.kind === "values" ? undefined : query.count });
  return <Pick allowClear aria-label={t("analyses.hold")} placeholder={t("analyses.hold")} style={{ minWidth: 140 }} value={held} options={options} onChange={pick} />;
}

function CountPick({ query, onChange }: OptionsProps) {
  const { t } = useTranslation();
  const kinds: FunnelCount["kind"][] = query.hold?.length ? ["people", "values", "sessions"] : ["people", "sessions"];
  const count = query.count ?? { kind: "people" };
  const pick = (kind: FunnelCount["kind"]) => onChange({ ...query, count: kind === "sessions" ? { kind, gap_seconds: SESSION_GAP } : kind === "people" ? undefined : { kind } });
  return (
    <>
      <Pick aria-label={t("analyses.count")} style={{ minWidth: 120 }} value={count.kind} onChange={pick} options={kinds.map((kind) => ({ value: kind, label: t(`analyses.count_${kind}`) }))} />
      {count.kind === "sessions" && <DurationPick label={t("analyses.gap")} value={count.gap_seconds} onChange={(gap) => onChange({ ...query, count: { kind: "sessions", gap_seconds: gap } })} />}
    </>
  );
}

/** Which event says the group; of what a person is or has there is nothing to choose. */
function AttributionPick({ query, onChange }: OptionsProps) {
  const { t } = useTranslation();
  const by = query.breakdown?.kind;
  if (by !== "property" && by !== "item" && by !== "ranges") return null;
  const steps = query.order === "any" ? [] : query.steps.map((_, step) => ({ value: `step:${step}`, label: t("analyses.attribution_step", { n: step + 1 }) }));
  const kinds = (["first_touch", "last_touch", "all_steps"] as const).map((kind) => ({ value: kind as string, label: t(`analyses.attribution_${kind}`) }));
  const value = query.attribution?.kind === "step" ? `step:${query.attribution.step}` : (query.attribution?.kind ?? "first_touch");
  const pick = (key: string) => {
    const step = key.startsWith("step:") ? Number(key.slice(5)) : null;
    const attribution = step === null ? ({ kind: key } as FunnelAttribution) : { kind: "step" as const, step };
    onChange({ ...query, attribution: attribution.kind === "first_touch" ? undefined : attribution });
  };
  return <Pick aria-label={t("analyses.attribution")} style={{ minWidth: 140 }} value={value} onChange={pick} options={[...kinds, ...steps]} />;
}
