/** What an alert says: its rule and rhythm as sentences, what it found, and its state. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Alert, AlertFinding, AlertMeasure, AlertRhythm, AlertRule, AlertState, AnalysisCell } from "../../api/types";
import { useFormats, type Tone } from "../../ui";
import { unitOf } from "./watching";

export const TONES: Record<AlertState, Tone> = { pending: "neutral", ok: "success", firing: "danger", too_little: "info", error: "warning" };
/** A Monday. */
const MONDAY = Date.UTC(2026, 0, 5);
const DAY_MILLIS = 86_400_000;

export function hourName(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

type Of = Pick<Alert, "measure"> & { cell: AnalysisCell | null };

export function useAlertWords() {
  const { t, i18n } = useTranslation();
  const format = useFormats();
  return useMemo(() => {
    const weekday = (day: number) => new Intl.DateTimeFormat(i18n.language, { weekday: "long", timeZone: "UTC" }).format(MONDAY + (day - 1) * DAY_MILLIS);
    const number = (of: Of, value: number) => {
      const unit = unitOf(of.cell, of.measure);
      if (unit === "share") return format.percent(value, 2);
      return unit === "money" ? format.money(value) : format.number(value);
    };
    const measure = (of: AlertMeasure) => t(`alerts.measure_${of}`);
    const rule = (of: Of, made: AlertRule) => {
      const what = measure(of.measure);
      if (made.kind !== "changes") return t(`alerts.says_${made.kind}`, { what, number: number(of, made.number) });
      return t(`alerts.says_${made.direction}`, { what, percent: format.percent(made.percent / 100), against: t(`alerts.against_${made.against}`) });
    };
    const rhythm = (of: AlertRhythm) => {
      if (of.kind === "hourly") return t("alerts.looks_hourly");
      if (of.kind === "daily") return t("alerts.looks_daily", { hour: hourName(of.hour) });
      return t("alerts.looks_weekly", { day: weekday(of.weekday), hour: hourName(of.hour) });
    };
    const days = (found: AlertFinding) => {
      if (!found.from || !found.to) return "";
      return found.from === found.to ? found.from : `${found.from} – ${found.to}`;
    };
    /** The number, and the one it is compared with. */
    const found = (of: Of, it: AlertFinding) => {
      if (typeof it.value !== "number") return "–";
      const value = number(of, it.value);
      return typeof it.compared === "number" ? t("alerts.found_compared", { value, compared: number(of, it.compared) }) : value;
    };
    const state = (of: AlertState, enabled = true) => t(enabled ? `alerts.state_${of}` : "alerts.state_paused");
    return { weekday, number, measure, rule, rhythm, days, found, state };
  }, [t, i18n.language, format]);
}
