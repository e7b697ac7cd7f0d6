import { describe, expect, it } from "vitest";
import { at, newMapping, read, renamed, stored, takeOf, takeText, way } from "./hook";

const BODY = JSON.stringify({ shop: { "a/b~c": "西湖店" }, data: { orders: [{ no: "B1", buyer: { id: 7 }, gone: null, tags: ["x"] }, { other: 1 }] } });

describe("read", () => {
  it("finds lists, values of the first item, and values of the body", () => {
    const sample = read(BODY, "/data/orders");
    expect(sample.lists.map((place) => place.pointer)).toEqual(["/data/orders", "/data/orders/0/tags"]);
    expect(sample.item).toEqual([
      { pointer: "/no", example: "B1" },
      { pointer: "/buyer/id", example: "7" },
      { pointer: "/tags/0", example: "x" },
    ]);
    expect(sample.body[0]).toEqual({ pointer: "/shop/a~1b~0c", example: "西湖店" });
    expect(at(JSON.parse(BODY), "/shop/a~1b~0c")).toBe("西湖店");
  });

  it("says whether a text is no JSON", () => {
    expect(read("{", "").broken).toBe(true);
    expect(read("  ", "").broken).toBe(false);
    expect(read("[1]", "").item).toEqual([{ pointer: "", example: "1" }]);
  });
});

describe("mappings", () => {
  it("leaves out what is empty", () => {
    const mapping = stored({ ...newMapping("Asia/Shanghai"), event: { always: "paid" }, identifiers: { login: { at: "/u" }, phone: { at: "" } }, properties: { "": { take: { at: "/x" } }, n: { take: { at: "" } }, m: { take: { at: "/m" }, read: "money" } } });
    expect(mapping).toEqual({ kind: "event", list: "", event: { always: "paid" }, time: undefined, id: undefined, zone: "Asia/Shanghai", identifiers: { login: { at: "/u" } }, properties: { m: { take: { at: "/m" }, read: "money" } }, rest: true, money_places: 2 });
    expect(stored({ ...mapping, kind: "profile" }).event).toBeUndefined();
  });

  it("goes from takes to inputs and back", () => {
    for (const take of [{ at: "/a" }, { body: "/b" }, { always: "c" }]) expect(takeOf(way(take), takeText(take))).toEqual(take);
    expect(way(undefined)).toBe("at");
    expect(takeText({ always: 5 })).toBe("5");
  });

  it("renames in place", () => {
    const property = { take: { at: "/a" } };
    expect(Object.keys(renamed({ a: property, b: property, c: property }, "b", "z"))).toEqual(["a", "z", "c"]);
  });
});
