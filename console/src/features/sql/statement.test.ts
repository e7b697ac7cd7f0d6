import { describe, expect, it } from "vitest";
import type { SqlSchema } from "../../api/types";
import { bare, paramsOf, paramValue, quoted, suggest } from "./statement";

const columns = (...names: string[]) => names.map((name) => ({ name, type: "text" as const, learned: false, masked: false }));
const SCHEMA: SqlSchema = {
  tables: [
    { name: "events", columns: columns("person_no", "event", "time", "$city", "商品") },
    { name: "people", columns: columns("person_no", "city") },
  ],
  events: ["order_paid", "it's"],
  functions: ["count", "date_trunc"],
  limits: { seconds: 30, memory_bytes: 1, rows: 1, text_chars: 1 },
  zone: "Asia/Shanghai",
};

/** The labels offered where `|` stands. */
function offered(text: string): string[] | null {
  const found = suggest(text.replace("|", ""), text.indexOf("|"), SCHEMA);
  return found && found.options.map((option) => option.label);
}

describe("a statement", () => {
  it("has parameters outside of strings and comments", () => {
    const cases: [string, string[]][] = [
      ["select $a, $b_2, $a", ["a", "b_2"]],
      ["select '$a', \"$b\" -- $c\n, $d /* $e", ["d"]],
      ["select 'it''s $a' || $x", ["x"]],
      ["select 1", []],
    ];
    for (const [text, names] of cases) expect(paramsOf(text), text).toEqual(names);
    expect(bare("a 'b' c")).toBe("a     c");
  });

  it("names are quoted where they must be", () => {
    const cases = [["city", "city"], ["$city", '"$city"'], ["商品", "商品"], ["order", '"order"'], ['a"b', '"a""b"'], ["a b", '"a b"'], ["1a", '"1a"']] as const;
    for (const [name, written] of cases) expect(quoted(name)).toBe(written);
  });

  it("offers what may come next", () => {
    expect(offered("select * from |")).toEqual(["events", "people"]);
    expect(offered("select p.| from people p")).toEqual(["person_no", "city"]);
    expect(offered("select e.| from events as e join people p on true")).toContain("$city");
    expect(offered("select x.| from people p")).toBeNull();
    expect(offered("select * from events where event = '|")).toEqual(["order_paid", "it's"]);
    expect(offered("select * from events where event in ('a', 'o|")).toEqual(["order_paid", "it's"]);
    expect(offered("select ci| from people")).toEqual(expect.arrayContaining(["city", "count", "from"]));
    expect(offered("select ci| from people")).not.toContain("$city");
    expect(offered("select 'ci|")).toBeNull();
    expect(offered("select 1 -- ci|")).toBeNull();
    expect(offered("select |")).toBeNull();
  });

  it("parameters are sent as what they are", () => {
    const cases = [
      ["text", " a ", " a "], ["text", "", ""], ["number", "12", 12], ["number", "1.5", 1.5], ["number", "x", undefined], ["number", "", null],
      ["bool", "true", true], ["bool", "ja", undefined], ["date", "2026-11-01", "2026-11-01"], ["date", "1.11.", undefined],
    ] as const;
    for (const [kind, written, value] of cases) expect(paramValue(kind, written), `${kind} ${written}`).toBe(value);
  });
});
