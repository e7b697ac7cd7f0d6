import { describe, expect, it } from "vitest";
import { inRows } from "./picture";

const widthOf = (text: string) => text.length;

describe("what happened on days, below a picture", () => {
  it("fills rows", () => {
    expect(inRows(["aaaa", "bbbb", "cccc"], 12, widthOf)).toEqual(["aaaa    bbbb", "cccc"]);
    expect(inRows([], 12, widthOf)).toEqual([]);
  });

  it("has a row of its own where it is too long", () => {
    expect(inRows(["aaaa", "b".repeat(20), "cc"], 12, widthOf)).toEqual(["aaaa", "b".repeat(20), "cc"]);
  });
});
