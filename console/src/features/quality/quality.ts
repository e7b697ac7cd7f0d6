/** What several pages of data quality share. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Lateness, QualityAlert, QualityRule } from "../../api/types";
import { useNames } from "../../app/names";
import { useFormats } from "../../ui";

const ALERTS_REFRESH_MILLIS = 60_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Alerts that last now. */
export function useOpenAlerts() {
  return useQuery({
    queryKey: ["/quality/alerts", "open"],
    queryFn: ({ signal }) => get<{ items: QualityAlert[] }>("/quality/alerts", { query: { open: true }, signal }),
    refetchInterval: ALERTS_REFRESH_MILLIS,
  });
}

/** Names of what stands where an event name would. */
const SPECIAL: Record<string, "profile" | "link" | "item" | "unreadable" | "other"> = {
  "(profile)": "profile", "(link)": "link", "(item)": "item", "(unreadable)": "unreadable", "(other)": "other",
};

export function useQualityWords() {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const series = (event: string) => {
    const special = SPECIAL[event];
    return special ? t(`quality.series_${special}`) : names.event(event);
  };
  const source = (name: string) => {
    if (name === "(imports)") return t("quality.imports");
    return name === "(other)" ? t("quality.series_other") : name;
  };
  const span = (millis: number) => {
    const size = Math.abs(millis);
    if (size < MINUTE) return t("quality.seconds", { value: format.number(Math.round(size / 1000)) });
    if (size < HOUR) return t("quality.minutes", { value: format.number(Math.round(size / MINUTE)) });
    if (size < DAY) return t("quality.hours", { value: format.number(size / HOUR, size % HOUR === 0 ? 0 : 1) });
    return t("quality.days", { value: format.number(size / DAY, size % DAY === 0 ? 0 : 1) });
  };
  const late = (lateness: Lateness | null | undefined) => {
    if (!lateness) return "–";
    return typeof lateness.at_most_ms === "number" ? `≤ ${span(lateness.at_most_ms)}` : `> ${span(30 * DAY)}`;
  };
  const rule = (of: Pick<QualityRule, "source" | "event" | "kind" | "threshold">) => {
    const what = of.event ? series(of.event) : t("quality.any_event");
    const where = of.source ? source(of.source) : t("quality.any_source");
    return t(`quality.rule_${of.kind}`, { what, where, threshold: format.number(of.threshold) });
  };
  /** What was found, beside what was expected. */
  const found = (of: Pick<QualityRule, "kind" | "observed" | "expected">) => {
    if (typeof of.observed !== "number") return "";
    const values = { observed: format.number(of.observed), expected: typeof of.expected === "number" ? format.number(of.expected, 1) : "–" };
    return t(of.kind === "silent" ? "quality.found_silent" : "quality.found_compared", values);
  };
  return { series, source, span, late, rule, found };
}

/** A share in whole per cent, and never "0 %" of something that is there. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
