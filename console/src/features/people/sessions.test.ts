import { describe, expect, it } from "vitest";
import type { TimelineItem } from "../../api/types";
import { columns, folded, frequent, grouped, lasted } from "./sessions";

function entry(at: string, session: string | null, name = "page_view"): TimelineItem {
  const event = session === null ? null : { seq: 1, name, props: {}, masked: [], source: "web" };
  return { key: at, at, kind: session === null ? "note" : "event", session, event };
}

const day = (at: string) => at.slice(0, 10);

describe("grouping a timeline", () => {
  it("puts visits together, and into them what falls between", () => {
    const items = [
      entry("2026-11-02T10:20", "a"),
      entry("2026-11-02T10:15", null),
      entry("2026-11-02T10:10", "a"),
      entry("2026-11-02T09:00", null),
      entry("2026-11-02T08:00", "b"),
      entry("2026-11-01T08:00", "c"),
    ];
    const days = grouped(items, day);
    expect(days.map(({ day: name, count }) => [name, count])).toEqual([["2026-11-02", 5], ["2026-11-01", 1]]);
    expect(days[0]?.blocks.map((block) => [block.session, block.items.length])).toEqual([["a", 3], [null, 1], ["b", 1]]);
  });

  it("splits a visit at midnight", () => {
    const days = grouped([entry("2026-11-02T00:05", "a"), entry("2026-11-01T23:55", "a")], day);
    expect(days.map((one) => one.blocks.length)).toEqual([1, 1]);
  });

  it("has nothing to group in nothing", () => expect(grouped([], day)).toEqual([]));

  it("hides no note inside a folded visit", () => {
    const items = [entry("2026-11-02T10:20", "a"), entry("2026-11-02T10:19", "a"), entry("2026-11-02T10:18", null), entry("2026-11-02T10:17", "a")];
    expect(folded(items, 1).map((item) => item.at)).toEqual(["2026-11-02T10:20", "2026-11-02T10:18"]);
  });

  it("sums up a visit", () => {
    const block = { session: "a", items: [entry("2026-11-02T10:20:00Z", "a"), entry("2026-11-02T10:10:00Z", "a", "search"), entry("2026-11-02T10:00:00Z", "a")] };
    expect(lasted(block)).toBe(20 * 60_000);
    expect(frequent(block, 1)).toEqual([["page_view", 2]]);
  });
});

describe("columns of days", () => {
  it("leaves no day out and none twice", () => {
    const days = [{ date: "2026-01-01", count: 2 }, { date: "2026-01-02", count: 1 }, { date: "2026-03-31", count: 5 }];
    const all = columns(days, 30);
    expect(all.length).toBe(30);
    expect(all[0]).toEqual({ from: "2026-01-01", to: "2026-01-03", count: 3 });
    expect(all.at(-1)).toEqual({ from: "2026-03-29", to: "2026-03-31", count: 5 });
    expect(all.reduce((sum, column) => sum + column.count, 0)).toBe(8);
  });

  it("is a single one for a single day", () => expect(columns([{ date: "2026-01-01", count: 2 }], 30)).toEqual([{ from: "2026-01-01", to: "2026-01-01", count: 2 }]));
});
