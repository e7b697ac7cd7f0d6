import { describe, expect, it } from "vitest";
import type { AnalysisQuery } from "../../api/types";
import { eventsOf, isComplete, KINDS, letter, NEW, questionFrom } from "./questions";

describe("a question from the address", () => {
  it.each(KINDS)("%s comes back as it was, without its kind", (kind) => {
    const asked = { kind, ...NEW[kind] } as AnalysisQuery;
    expect(questionFrom(kind, asked)).toEqual(NEW[kind]);
    for (const other of KINDS.filter((one) => one !== kind)) expect(questionFrom(other, asked)).toBeNull();
  });

  it.each([undefined, { kind: "trend", series: "x" }, { kind: "trend", series: [] }, { kind: "trend", series: [{ event: 1, filters: [] }] }])("%j is no trend", (query) => {
    expect(questionFrom("trend", query as AnalysisQuery | undefined)).toBeNull();
  });

  it("what is left out is as in a new one", () => {
    const asked = { kind: "retention", start: { event: "a", filters: [] } } as unknown as AnalysisQuery;
    expect(questionFrom("retention", asked)).toEqual({ ...NEW.retention, start: { event: "a", filters: [] } });
  });
});

describe("completeness", () => {
  it("a trend needs an event and, for sums, a property", () => {
    expect(isComplete("trend", NEW.trend)).toBe(false);
    const series = { event: "order_paid", filters: [] };
    expect(isComplete("trend", { ...NEW.trend, series: [{ ...series, measure: { kind: "count" } }] })).toBe(true);
    expect(isComplete("trend", { ...NEW.trend, series: [{ ...series, measure: { kind: "sum", property: "" } }] })).toBe(false);
    const half = { property: "store", test: { op: "is" as const, values: [] } };
    expect(isComplete("trend", { ...NEW.trend, series: [{ event: "order_paid", filters: [half], measure: { kind: "count" } }] })).toBe(false);
  });

  it("a funnel needs every step, a path its anchor", () => {
    const step = { event: "page_view", filters: [] };
    expect(isComplete("funnel", { ...NEW.funnel, steps: [step, { event: "", filters: [] }] })).toBe(false);
    expect(isComplete("funnel", { ...NEW.funnel, steps: [step, step] })).toBe(true);
    expect(isComplete("path", NEW.path)).toBe(true);
    expect(isComplete("path", { ...NEW.path, anchor: { kind: "to", event: { event: "", filters: [] } } })).toBe(false);
  });

  it("every kind says its events, in order", () => {
    const two = { from: { event: "a", filters: [] }, to: { event: "b", filters: [] } };
    expect(eventsOf("interval", { ...NEW.interval, ...two }).map((event) => event.event)).toEqual(["a", "b"]);
    expect(KINDS.filter((kind) => eventsOf(kind, NEW[kind]).length === 0)).toEqual(["rfm"]);
  });

  it("money needs a property, a cross table two dimensions", () => {
    const paid = { event: "order_paid", filters: [] };
    expect(isComplete("rfm", NEW.rfm)).toBe(true);
    expect(isComplete("rfm", { ...NEW.rfm, gain: { kind: "event", event: paid, worth: "" } })).toBe(false);
    const by = { kind: "values", by: { kind: "attribute", name: "city" }, top: 5 } as const;
    expect(isComplete("crosstab", { ...NEW.crosstab, event: paid, rows: by })).toBe(false);
    expect(isComplete("crosstab", { ...NEW.crosstab, event: paid, rows: by, columns: { kind: "segments", segments: [1] } })).toBe(true);
    expect(isComplete("crosstab", { ...NEW.crosstab, event: undefined, rows: by, columns: by })).toBe(true);
  });

  it("letters mark the series", () => {
    expect([0, 1, 9].map(letter)).toEqual(["A", "B", "J"]);
  });
});
