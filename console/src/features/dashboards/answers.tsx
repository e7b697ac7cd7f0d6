/** The answer of every kind as its page draws it; each is loaded when a tile needs it. */
import { lazy, type ComponentType } from "react";
import type { AnalysisQuery, AnalysisResult, Kind, QueryOf, ResultOf } from "../../api/types";

type Answer<K extends Kind> = ComponentType<{ query: QueryOf<K>; result: ResultOf<K>; onMap?: boolean }>;

const ANSWERS: { [K in Kind]: Answer<K> } = {
  trend: lazy(() => import("../analyses/TrendAnswer").then((file) => ({ default: file.TrendAnswer }))),
  funnel: lazy(() => import("../analyses/FunnelAnswer").then((file) => ({ default: file.FunnelAnswer }))),
  retention: lazy(() => import("../analyses/RetentionAnswer").then((file) => ({ default: file.RetentionAnswer }))),
  lifecycle: lazy(() => import("../analyses/LifecyclePage").then((file) => ({ default: file.LifecycleAnswer }))),
  stickiness: lazy(() => import("../analyses/StickinessPage").then((file) => ({ default: file.StickinessAnswer }))),
  distribution: lazy(() => import("../analyses/DistributionPage").then((file) => ({ default: file.DistributionAnswer }))),
  interval: lazy(() => import("../analyses/IntervalPage").then((file) => ({ default: file.IntervalAnswer }))),
  session: lazy(() => import("../analyses/SessionPage").then((file) => ({ default: file.SessionAnswer }))),
  path: lazy(() => import("../analyses/PathPage").then((file) => ({ default: file.PathAnswer }))),
  attribution: lazy(() => import("../analyses/AttributionAnswer").then((file) => ({ default: file.AttributionAnswer }))),
  revenue: lazy(() => import("../analyses/RevenueAnswer").then((file) => ({ default: file.RevenueAnswer }))),
  crosstab: lazy(() => import("../analyses/CrosstabAnswer").then((file) => ({ default: file.CrosstabAnswer }))),
  rfm: lazy(() => import("../analyses/RfmAnswer").then((file) => ({ default: file.RfmAnswer }))),
  sequence: lazy(() => import("../analyses/SequencePage").then((file) => ({ default: file.SequenceAnswer }))),
  heatmap: lazy(() => import("../analyses/HeatmapPage").then((file) => ({ default: file.HeatmapAnswer }))),
};

interface AnswerOfProps {
  query: AnalysisQuery;
  result: AnalysisResult;
  /** On the map first, where there is one. */
  onMap?: boolean;
}

/** The picture of an answer; its question is of the same kind. */
export function AnswerOf({ query, result, onMap }: AnswerOfProps) {
  const Shown = ANSWERS[query.kind] as ComponentType<AnswerOfProps>;
  // What is chosen on a tile is chosen anew with what the tile shows.
  return <Shown key={String(onMap)} query={query} result={result} onMap={onMap} />;
}
