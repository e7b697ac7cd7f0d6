import { describe, expect, it } from "vitest";
import type { AnalysisCell } from "../../api/types";
import { bucketOf, canWatch, measuresOf, partsOf, unitOf } from "./watching";

const range = { kind: "last_days", days: 7 } as const;
const group = { kind: "whole" } as const;

function trend(measure: object, bucket?: string): AnalysisCell {
  return { kind: "trend", query: { series: [{ event: "paid", filters: [], measure }], range, interval: "day" }, cell: { series: 0, bucket, group } } as AnalysisCell;
}

function funnel(step: number, dropped = false): AnalysisCell {
  return { kind: "funnel", query: { steps: [], range: { kind: "all" }, window: { kind: "days", days: 1 }, must_increase: false }, cell: { step, dropped, group } };
}

describe("what of a cell is watched", () => {
  it("is the number of a line, or people and their share", () => {
    expect(measuresOf(trend({ kind: "count" }))).toEqual(["number"]);
    expect(measuresOf(funnel(0))).toEqual(["people"]);
    expect(measuresOf(funnel(0, true))).toEqual(["people", "share"]);
    expect(measuresOf(funnel(1))).toEqual(["people", "share"]);
  });

  it("needs days that end", () => {
    expect(canWatch(trend({ kind: "count" }))).toBe(true);
    expect(canWatch(funnel(1))).toBe(false);
    expect(bucketOf(trend({ kind: "count" }, "2026-11-20"))).toBe("2026-11-20");
  });

  it("is in the unit that people write", () => {
    expect(unitOf(trend({ kind: "sum", property: "amount_minor" }), "number")).toBe("money");
    expect(unitOf(trend({ kind: "distinct", property: "amount_minor" }), "number")).toBe("plain");
    expect(unitOf(trend({ kind: "count" }), "number")).toBe("plain");
    expect(unitOf(funnel(1), "share")).toBe("share");
    expect([partsOf("money", 100), partsOf("share", 100), partsOf("plain", 100)]).toEqual([100, 0.01, 1]);
  });
});
