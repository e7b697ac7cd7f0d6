import { describe, expect, it } from "vitest";
import { makeFormats } from "../../ui/format";
import { asOfFrom, daysBack, instantOf, localOf } from "./asOf";

const NOW = Date.parse("2026-11-26T08:00:00Z");

describe("the instant as of which people are told apart", () => {
  it.each([
    ["2026-11-20T06:30:00Z", "2026-11-20T06:30:00.000Z"],
    ["2026-11-20", "2026-11-20T00:00:00.000Z"],
    ["2026-12-01T00:00:00Z", undefined],
    ["1969-01-01", undefined],
    ["yesterday", undefined],
    [7, undefined],
    [undefined, undefined],
  ])("of the address %s is %s", (text, at) => expect(asOfFrom(text, NOW)).toBe(at));

  it.each([
    ["Asia/Shanghai", "2026-11-20T14:30", "2026-11-20T06:30:00.000Z"],
    ["UTC", "2026-11-20T14:30", "2026-11-20T14:30:00.000Z"],
    // The clocks went forward on this morning, and back on that one.
    ["Europe/Berlin", "2026-03-29T03:30", "2026-03-29T01:30:00.000Z"],
    ["Europe/Berlin", "2026-10-25T12:00", "2026-10-25T11:00:00.000Z"],
    ["Asia/Kathmandu", "2026-11-20T00:15", "2026-11-19T18:30:00.000Z"],
  ])("in %s, %s is %s and back", (zone, local, at) => {
    const format = makeFormats("en", zone, "CNY");
    expect(instantOf(local, format)).toBe(at);
    expect(localOf(at, format)).toBe(local);
  });

  it("of nothing typed is none", () => expect(instantOf("", makeFormats("en", "UTC", "CNY"))).toBeUndefined());

  it("goes back by days", () => expect(daysBack(7, NOW)).toBe("2026-11-19T08:00:00.000Z"));
});
