import { describe, expect, it } from "vitest";
import type { AnalysisQuery, Dashboard, Tile } from "../../api/types";
import { NEW } from "../analyses/questions";
import { isKept, moved, scoped, scopeOf } from "./tiles";

const query = { kind: "lifecycle", ...NEW.lifecycle, segment: 3 } as AnalysisQuery;
const tile = (id: number): Tile => ({ id, title: "", width: "half", show: "chart", asks: { kind: "analysis", analysis: id }, question: null });
const dashboard = { id: 1, name: "看板", tiles: [], range: { kind: "last_days", days: 7 }, segment: null } as unknown as Dashboard;

const ids = (id: number, to: number) => moved([tile(1), tile(2), tile(3)], id, to).map((one) => one.id);

describe("a dashboard", () => {
  it("asks with its days and segment in place of those of its tiles", () => {
    expect(scoped(query, { range: null, segment: null })).toEqual(query);
    expect(scoped(query, { range: { kind: "last_days", days: 7 }, segment: 5 })).toEqual({ ...query, range: { kind: "last_days", days: 7 }, segment: 5 });
  });

  it("is looked at as the address says, or else as it is kept", () => {
    expect(scopeOf(dashboard, {})).toEqual({ range: { kind: "last_days", days: 7 }, segment: null });
    const scope = { range: null, segment: 4 };
    expect(scopeOf(dashboard, { scope })).toBe(scope);
    expect(isKept(dashboard, scope)).toBe(false);
    expect(isKept(dashboard, scopeOf(dashboard, {}))).toBe(true);
  });

  it("moves tiles within its ends", () => {
    expect(ids(1, 1)).toEqual([2, 1, 3]);
    expect(ids(3, 0)).toEqual([3, 1, 2]);
    expect(ids(1, -1)).toEqual([1, 2, 3]);
    expect(ids(2, 9)).toEqual([1, 3, 2]);
    expect(ids(9, 0)).toEqual([1, 2, 3]);
  });
});
