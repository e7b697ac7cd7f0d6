import { describe, expect, it } from "vitest";
import type { SqlAnswer, SqlView } from "../../api/types";
import { makeFormats } from "../../ui/format";
import { axes, chartOf } from "./chart";

const format = makeFormats("zh-CN", "Asia/Shanghai", "CNY");
const column = (name: string, kind: "text" | "integer" | "number" | "time") => ({ name, kind, person: false, masked: false });
const answer = (columns: SqlAnswer["columns"], rows: unknown[][]) => ({ columns, rows, truncated: false, masked: [], as_of: "", took_micros: 1 }) as unknown as SqlAnswer;
const view = (x = "", y: string[] = []): SqlView => ({ kind: "line", x, y });

describe("a chart of a result", () => {
  const days = answer([column("day", "time"), column("n", "integer"), column("avg", "number")], [["2026-11-20T16:00:00.000Z", 3, 1.5], ["2026-11-21T16:00:00.000Z", null, 2]]);

  it("is drawn along what is no number", () => {
    expect(axes(days, view())).toEqual({ x: 0, y: [1, 2] });
    expect(axes(days, view("n", ["avg"]))).toEqual({ x: 1, y: [2] });
    expect(axes(days, view("gone", ["gone"]))).toEqual({ x: 0, y: [1, 2] });
    expect(axes(answer([column("a", "integer"), column("b", "integer")], []), view())).toEqual({ x: 0, y: [1] });
  });

  it("keeps what is missing missing", () => {
    const chart = chartOf(days, view(), format);
    expect(chart?.buckets[0]?.label).toBe("2026-11-21 00:00");
    expect(chart?.lines.map((line) => [line.name, line.values])).toEqual([["n", [3, null]], ["avg", [1.5, 2]]]);
  });

  it("is none without numbers, and cut where it would be black", () => {
    expect(chartOf(answer([column("a", "text")], [["x"]]), view(), format)).toBeNull();
    const many = answer([column("a", "text"), column("b", "integer")], Array.from({ length: 450 }, (_, at) => [String(at), at]));
    expect(chartOf(many, view(), format)?.left).toBe(50);
  });
});
