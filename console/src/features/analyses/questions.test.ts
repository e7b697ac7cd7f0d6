import { describe, expect, it } from "vitest";
import type { AnalysisQuery } from "../../api/types";
import { funnelFrom, isFunnelComplete, isTrendComplete, letter, NEW_FUNNEL, NEW_TREND, trendFrom } from "./questions";

describe("a question from the address", () => {
  const trend: AnalysisQuery = { kind: "trend", ...NEW_TREND };
  const funnel: AnalysisQuery = { kind: "funnel", ...NEW_FUNNEL };

  it("comes back as it was, without its kind", () => {
    expect(trendFrom(trend)).toEqual(NEW_TREND);
    expect(funnelFrom(funnel)).toEqual(NEW_FUNNEL);
  });

  it.each([undefined, funnel, { kind: "trend" }, { kind: "trend", series: "x" }, { kind: "trend", series: [] }])("%j is no trend", (query) => {
    expect(trendFrom(query as AnalysisQuery | undefined)).toBeNull();
  });

  it.each([undefined, trend, { kind: "funnel", steps: [{ event: "a", filters: [] }] }])("%j is no funnel", (query) => {
    expect(funnelFrom(query as AnalysisQuery | undefined)).toBeNull();
  });
});

describe("completeness", () => {
  it("a trend needs an event and, for sums, a property", () => {
    expect(isTrendComplete(NEW_TREND)).toBe(false);
    const series = { event: "order_paid", filters: [] };
    expect(isTrendComplete({ ...NEW_TREND, series: [{ ...series, measure: { kind: "count" } }] })).toBe(true);
    expect(isTrendComplete({ ...NEW_TREND, series: [{ ...series, measure: { kind: "sum", property: "" } }] })).toBe(false);
    expect(isTrendComplete({ ...NEW_TREND, series: [{ event: "order_paid", filters: [{ property: "store", test: { op: "is", values: [] } }], measure: { kind: "count" } }] })).toBe(false);
  });

  it("a funnel needs every step", () => {
    const step = { event: "page_view", filters: [] };
    expect(isFunnelComplete(NEW_FUNNEL)).toBe(false);
    expect(isFunnelComplete({ ...NEW_FUNNEL, steps: [step, { event: "", filters: [] }] })).toBe(false);
    expect(isFunnelComplete({ ...NEW_FUNNEL, steps: [step, step] })).toBe(true);
  });

  it("letters mark the series", () => {
    expect([0, 1, 9].map(letter)).toEqual(["A", "B", "J"]);
  });
});
