import { describe, expect, it } from "vitest";
import { notesOf, withDay } from "./marks";

const at = (starts: string[], ...days: string[]) => [...notesOf(starts, days.map((day) => ({ day, note: "x" }))).keys()];

describe("notes of days", () => {
  it("fall into their day, and nowhere outside", () => {
    const days = ["2026-11-10", "2026-11-11", "2026-11-12"];
    expect(at(days, "2026-11-11")).toEqual([1]);
    expect(at(days, "2026-11-09")).toEqual([]);
    expect(at(days, "2026-11-12")).toEqual([2]);
    expect(at(days, "2026-11-13")).toEqual([]);
  });

  it("fall into their week up to its last day", () => {
    const weeks = ["2026-11-02", "2026-11-09", "2026-11-16"];
    expect(at(weeks, "2026-11-11")).toEqual([1]);
    expect(at(weeks, "2026-11-22")).toEqual([2]);
    expect(at(weeks, "2026-11-23")).toEqual([]);
  });

  it("fall into months of any length", () => {
    const months = ["2026-01-01", "2026-02-01"];
    expect(at(months, "2026-02-28")).toEqual([1]);
    expect(at(months, "2026-03-01")).toEqual([]);
  });

  it("say their day where a bucket is longer", () => {
    expect(notesOf(["2026-11-02", "2026-11-09"], [{ day: "2026-11-11", note: "双11" }]).get(1)).toEqual(["2026-11-11 双11"]);
    expect(notesOf(["2026-11-11"], [{ day: "2026-11-11", note: "双11" }]).get(0)).toEqual(["双11"]);
  });

  it("stand on their own with their day", () => {
    expect(withDay("2026-11-11", "双11")).toBe("2026-11-11 双11");
    expect(withDay("2026-11-09", "2026-11-11 双11")).toBe("2026-11-11 双11");
  });

  it("do not mark what is no time axis", () => {
    expect(at(["上海", "北京"], "2026-11-11")).toEqual([]);
  });
});
