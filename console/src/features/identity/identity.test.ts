import { expect, test } from "vitest";
import type { HeldIdentifier } from "../../api/types";
import { draw, DRAWN_MAX, resolved, splitNamespace } from "./identity";

const held = (node: number, namespace: string, kind: HeldIdentifier["class"]): HeldIdentifier => ({ node, namespace, value: `${namespace}${node}`, class: kind, number: node, former: false, shared: false, last_seen: "2026-11-26T00:00:00Z" });

test("columns by class, centred, and nothing outside", () => {
  const drawing = draw([held(0, "login", "strong"), held(1, "device", "device"), held(2, "device", "device")], []);
  expect(drawing.nodes.map(({ x, y }) => [x, y])).toEqual([[0, 44], [1, 22], [1, 66]]);
  expect(drawing.height).toBe(88);
  const many = draw(Array.from({ length: 30 }, (_, at) => held(at, "device", "device")), []);
  expect([many.nodes.length, many.left]).toEqual([DRAWN_MAX, 12]);
});

test("a scope stands apart from its namespace", () => {
  expect(splitNamespace("openid:wx12")).toEqual(["openid", "wx12"]);
  expect(splitNamespace("phone")).toEqual(["phone", ""]);
});

test("one value of each kind has to stay", () => {
  const values = [held(1, "phone", "strong"), held(2, "phone", "strong"), held(3, "login", "strong"), held(4, "login", "strong")];
  expect(resolved(values, [])).toBe(false);
  expect(resolved(values, [1])).toBe(false);
  expect(resolved(values, [1, 4])).toBe(true);
  expect(resolved(values, [1, 2, 4])).toBe(false);
  expect(resolved([], [])).toBe(true);
});
