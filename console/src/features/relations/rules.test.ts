import { describe, expect, it } from "vitest";
import type { RelationKind } from "../../api/types";
import { declared, declaredWith, rulesOf } from "./rules";

const kind = (name: string, more: Partial<RelationKind> = {}): RelationKind => ({ name, from_title: name, to_title: name, holders: "many", no_circles: false, group_max: 0, own: true, active: true, ties: 0, ...more });

describe("the rules of a kind", () => {
  it.each([
    [kind("staff"), ["many"]],
    [kind("inviter", { holders: "first", no_circles: true }), ["first", "no_circles"]],
    [kind("responsible", { holders: "latest" }), ["latest"]],
    [kind("household", { group_max: 20 }), ["group"]],
  ])("are said in words", (one, rules) => expect(rulesOf(one)).toEqual(rules));

  it("hold together whatever was chosen before", () => {
    expect(declared(kind("a", { no_circles: true }))).toMatchObject({ holders: "many", no_circles: false });
    expect(declared(kind("b", { group_max: 5, holders: "first", no_circles: true, from_title: "x", to_title: " 一家 " }))).toEqual({ name: "b", from_title: "一家", to_title: "一家", holders: "many", no_circles: false, group_max: 5 });
  });
});

describe("what is declared", () => {
  const known = [kind("inviter", { own: false }), kind("doctor"), kind("old", { active: false })];
  it.each([
    ["a new one comes last", "coach", kind("coach"), ["doctor", "coach"]],
    ["a changed one stays in its place", "doctor", kind("doctor", { holders: "latest" }), ["doctor"]],
    ["one of the past comes back", "old", kind("old", { active: false }), ["doctor", "old"]],
    ["one is left out", "doctor", null, []],
  ])("%s", (_, name, next, names) => expect(declaredWith(known, name, next).map((one) => one.name)).toEqual(names));
});
