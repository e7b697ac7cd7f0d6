/** Rules about questions. The address may hold anything; what is not a question is no question. */
import type { AnalysisQuery, FunnelQuery, Measure, TrendQuery } from "../../api/types";
import { isFilterComplete } from "../../condition/sentence";

export const NEW_TREND: TrendQuery = {
  series: [{ event: "", filters: [], measure: { kind: "count" } }],
  range: { kind: "last_days", days: 30 },
  interval: "day",
};

export const NEW_FUNNEL: FunnelQuery = {
  steps: [{ event: "", filters: [] }, { event: "", filters: [] }],
  range: { kind: "last_days", days: 30 },
  window: { kind: "elapsed", seconds: 7 * 86_400 },
  must_increase: false,
};

export function trendFrom(query: AnalysisQuery | undefined): TrendQuery | null {
  return query?.kind === "trend" && Array.isArray(query.series) && query.series.length > 0 ? withoutKind(query) : null;
}

export function funnelFrom(query: AnalysisQuery | undefined): FunnelQuery | null {
  return query?.kind === "funnel" && Array.isArray(query.steps) && query.steps.length > 1 ? withoutKind(query) : null;
}

function withoutKind<Q extends { kind: string }>(query: Q): Omit<Q, "kind"> {
  const { kind: _, ...rest } = query;
  return rest;
}

export function isTrendComplete(query: TrendQuery): boolean {
  return query.series.every((series) => series.event !== "" && series.filters.every(isFilterComplete) && (!("property" in series.measure) || series.measure.property !== ""));
}

export function isFunnelComplete(query: FunnelQuery): boolean {
  return query.steps.length >= 2 && query.steps.every((step) => step.event !== "" && step.filters.every(isFilterComplete));
}

export const MEASURES: Measure["kind"][] = ["count", "people", "per_person", "sum", "avg"];

/** A, B, C … as in the legend. */
export function letter(index: number): string {
  return String.fromCharCode(65 + index);
}
