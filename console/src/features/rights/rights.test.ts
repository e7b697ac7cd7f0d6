import { describe, expect, it } from "vitest";
import { daysUntil, splitNote } from "./rights";

describe("the note of a request", () => {
  it("tells what shows that it was them from what they wrote", () => {
    expect(splitNote("message:ab12")).toEqual({ evidence: "message:ab12", text: "" });
    expect(splitNote("personal link\n城市不对\n应为宁波")).toEqual({ evidence: "personal link", text: "城市不对\n应为宁波" });
    expect(splitNote("录音 12")).toEqual({ evidence: "", text: "录音 12" });
  });
});

describe("days until a deadline", () => {
  const now = Date.parse("2026-11-21T08:00:00Z");
  it.each([
    ["2026-11-21T15:59:59.999Z", 0],
    ["2026-11-22T15:59:59.999Z", 1],
    ["2026-11-21T07:00:00Z", -1],
    ["2026-11-18T15:59:59.999Z", -3],
  ])("%s", (at, days) => expect(daysUntil(at, now)).toBe(days));
});
