/** Words and tones of the plan that several of its pages use. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { AnalysisQuery, AsideReason, PlanOverview, PlanReason, PlanStatus, PlanSubjectItem, PlanType, ReasonCode, SubjectKind } from "../../api/types";
import { useNames } from "../../app/names";
import type { Tone } from "../../ui";

export const KINDS: SubjectKind[] = ["event", "people", "item"];
export const STATUSES: PlanStatus[] = ["learned", "planned", "verified", "deprecated", "blocked"];
export const TYPES: PlanType[] = ["text", "number", "bool", "time", "date", "list", "money"];
export const REASONS: PlanReason[] = ["event_undeclared", "key_undeclared", "type_mismatch", "property_missing", "event_blocked", "key_blocked"];

/** Reasons of what could not be used as it is. */
export const UNUSABLE: ReasonCode[] = ["future_time", "past_time", "no_identifier", "missing_field", "wrong_type", "unknown_type", "bad_time", "too_large", "no_mapping", "no_key", "not_json", "bad_base64", "bad_gzip", "checksum_mismatch", "too_deep"];

export const STATUS_TONES: Record<PlanStatus, Tone> = { learned: "neutral", planned: "info", verified: "success", deprecated: "warning", blocked: "danger" };

export function usePlanOverview() {
  return useQuery({ queryKey: ["/plan"], queryFn: ({ signal }) => get<PlanOverview>("/plan", { signal }) });
}

/** Why something was set aside, in words. */
export function useReason(): (reason: AsideReason) => string {
  const { t } = useTranslation();
  return (reason) => {
    const plan = REASONS.find((known) => known === reason);
    return plan ? t(`plan.reasons.${plan}`) : t(`names.reject_reasons.${reason}`, { defaultValue: reason });
  };
}

/** What to call a subject in the console's language. */
export function useSubjectTitle(): (subject: Pick<PlanSubjectItem, "kind" | "name">) => string {
  const { t } = useTranslation();
  const names = useNames();
  return ({ kind, name }) => {
    if (kind === "people") return t("plan.people");
    return kind === "event" ? names.event(name) : name;
  };
}

export function trendOf(event: string): AnalysisQuery {
  return { kind: "trend", series: [{ event, filters: [], measure: { kind: "count" } }], range: { kind: "last_days", days: 30 }, interval: "day" };
}
