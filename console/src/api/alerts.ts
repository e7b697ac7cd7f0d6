/** Alerts of cells; the assertions in `types.ts` hold them to the description. */
import type { AnalysisCell, TrendCompare } from "./analyses";
import type { components } from "./schema";

type S = components["schemas"];

export type AlertMeasure = S["AlertMeasure"];
export type AlertDirection = S["AlertDirection"];
export type AlertState = S["AlertState"];
export type AlertRule =
  | { kind: "above" | "below"; number: number }
  | { kind: "changes"; percent: number; direction: AlertDirection; against: TrendCompare };
export type AlertRhythm = { kind: "hourly" } | { kind: "daily"; hour: number } | { kind: "weekly"; weekday: number; hour: number };
export type AlertFinding = S["AlertFinding"];
export type AlertChangeItem = S["AlertChangeItem"];

export type Alert = Omit<S["Alert"], "cell" | "rule" | "rhythm"> & {
  /** Null for those who may not ask the question. */
  cell: AnalysisCell | null;
  rule: AlertRule;
  rhythm: AlertRhythm;
};

export interface AlertDetail {
  alert: Alert;
  changes: AlertChangeItem[];
}

export interface AlertTry {
  cell: AnalysisCell;
  measure: AlertMeasure;
  rule: AlertRule;
}

export interface NewAlert extends AlertTry {
  name: string;
  rhythm: AlertRhythm;
}

export interface AlertChange {
  name?: string;
  rule?: AlertRule;
  rhythm?: AlertRhythm;
  enabled?: boolean;
}
