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
export type Receiver = { kind: "email"; to: string } | { kind: "webhook"; url: string };
export type AlertTellOutcome = S["AlertTellOutcome"];
export type AlertTelling = Omit<S["AlertTelling"], "receiver"> & { receiver: Receiver };
export type AlertChangeItem = Omit<S["AlertChangeItem"], "tellings"> & { tellings: AlertTelling[] };

export type Alert = Omit<S["Alert"], "cell" | "rule" | "rhythm" | "tell"> & {
  /** Null for those who may not ask the question. */
  cell: AnalysisCell | null;
  rule: AlertRule;
  rhythm: AlertRhythm;
  tell: Receiver[];
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
  tell: Receiver[];
}

export interface AlertChange {
  name?: string;
  rule?: AlertRule;
  rhythm?: AlertRhythm;
  tell?: Receiver[];
  enabled?: boolean;
}
