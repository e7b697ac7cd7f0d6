import { getFixedT, init, type TFunction } from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import type { Condition } from "../api/types";
import { makeNames } from "../app/names";
import en from "../i18n/en";
import zh from "../i18n/zh-CN";
import { makeFormats } from "../ui/format";
import { conditionText, isComplete, leafTokens, type Dictionary } from "./sentence";
import { append, asGroup, newLeaf, removeAt, replaceAt, unwrap, wrap, type GroupCondition } from "./tree";

const WORDS = { yes: "✓", no: "✗", missing: "", not_reached: "", other: "", whole: "" };

function dictionary(language: "zh-CN" | "en"): Dictionary {
  const t = getFixedT(language) as TFunction;
  return { t, names: makeNames(language, makeFormats(language, "Asia/Shanghai", "CNY"), WORDS), tag: (id) => `tag${id}`, segment: (id) => `seg${id}`, relation: (kind, side) => `${kind}.${side}`, itemType: (name) => makeNames(language, makeFormats(language, "Asia/Shanghai", "CNY"), WORDS).itemType(name) };
}

beforeAll(async () => {
  await init({ lng: "zh-CN", resources: { "zh-CN": { translation: zh }, en: { translation: en } }, interpolation: { escapeValue: false } });
});

const bakery: Condition = {
  kind: "event",
  event: "order_line",
  filters: [{ property: "category", test: { op: "is", values: ["烘焙"] } }],
  window: { kind: "last_days", days: 60 },
  measure: { kind: "count" },
  compare: "at_least",
  value: 2,
};

const cases: [name: string, condition: Condition, zh: string, en: string][] = [
  ["everybody", { kind: "all", of: [] }, "所有人", "everybody"],
  ["nobody", { kind: "any", of: [] }, "没有人", "nobody"],
  ["an event", bakery, "过去 60 天内 · 做过 · 购买明细 · 且 品类 是 烘焙 · 至少 2 次", "in the last 60 days · did · Order line · where Category is 烘焙 · at least 2 times"],
  ["did not", { ...bakery, filters: [], compare: "equal", value: 0 }, "过去 60 天内 · 没做过 · 购买明细", "in the last 60 days · did not · Order line"],
  [
    "money",
    { kind: "event", event: "order_paid", filters: [], window: { kind: "all" }, measure: { kind: "sum", property: "amount_minor" }, compare: "more", value: 50_050 },
    "任何时候 · 做过 · 支付订单 · 金额 合计 多于 ¥500.50",
    "at any time · did · Order paid · sum of Amount more than ¥500.50",
  ],
  ["one day", { ...bakery, filters: [], window: { kind: "last_days", days: 1 } }, "今天 · 做过 · 购买明细 · 至少 2 次", "today · did · Order line · at least 2 times"],
  ["an attribute", { kind: "attribute", name: "age", test: { op: "between", from: 18, to: 25 } }, "用户属性 年龄 · 介于 18 与 25", "attribute Age · between 18 and 25"],
  ["many values", { kind: "attribute", name: "city", test: { op: "is", values: ["a", "b", "c", "d", "e"] } }, "用户属性 城市 · 是 a、b、c 等 2 项", "attribute City · is a, b, c and 2 more"],
  [
    "an item's attribute and tag",
    {
      ...bakery,
      filters: [
        { property: "item_id", item: { kind: "attribute", item_type: "product", name: "category" }, test: { op: "is", values: ["烘焙"] } },
        { property: "store_id", item: { kind: "tags", item_type: "store" }, test: { op: "is", values: ["旗舰店"] } },
      ],
    },
    "过去 60 天内 · 做过 · 购买明细 · 且 商品的品类 是 烘焙 · 且 门店的标签 是 旗舰店 · 至少 2 次",
    "in the last 60 days · did · Order line · where Category of the product is 烘焙 · where tags of the store is 旗舰店 · at least 2 times",
  ],
  [
    "orders",
    { kind: "order", filters: [{ property: "channel", test: { op: "is", values: ["wx"] } }], window: { kind: "last_days", days: 90 }, measure: { kind: "net" }, compare: "at_least", value: 50_000 },
    "过去 90 天内 · 订单 且 渠道 是 wx · 净消费 至少 ¥500.00",
    "in the last 90 days · orders where Channel is wx · net spend at least ¥500.00",
  ],
  ["days since an order", { kind: "order", filters: [], window: { kind: "all" }, measure: { kind: "days_since_last" }, compare: "more", value: 60 }, "任何时候 · 订单 最近一单距今 多于 60 天", "at any time · orders last order more than 60 days ago"],
  ["a yes", { kind: "attribute", name: "vip", test: { op: "is", values: [true] } }, "用户属性 vip · 是 ✓", "attribute vip · is ✓"],
  ["related with many", { kind: "relation", relation: "inviter", side: "from", with: { kind: "anybody" }, compare: "at_least", value: 3 }, "关系 inviter.from · 任何人 · 至少 3 人", "relation inviter.from · anybody · at least 3 people"],
  ["related with a segment", { kind: "relation", relation: "inviter", side: "to", with: { kind: "segment", segment: 2 }, compare: "at_least", value: 1 }, "关系 inviter.to · 属于 seg2 的人 · 至少 1 人", "relation inviter.to · members of seg2 · at least 1 people"],
  ["not in a segment", { kind: "not", of: { kind: "segment", segment: 3 } }, "不属于人群 · seg3", "is not in segment · seg3"],
  [
    "nested groups",
    { kind: "all", of: [{ kind: "tag", tag: 1, test: { op: "is_present" } }, { kind: "not", of: { kind: "any", of: [{ kind: "segment", segment: 1 }, { kind: "segment", segment: 2 }] } }] },
    "标签 tag1 · 有值 且 排除 (属于人群 · seg1 或 属于人群 · seg2)",
    "tag tag1 · has a value and exclude (is in segment · seg1 or is in segment · seg2)",
  ],
];

describe("a condition as a sentence", () => {
  it.each(cases)("%s", (_, condition, chinese, english) => {
    expect(conditionText(condition, dictionary("zh-CN"))).toBe(chinese);
    expect(conditionText(condition, dictionary("en"))).toBe(english);
  });

  it("names an unknown event by its own name", () => {
    expect(conditionText({ ...bakery, event: "constructor", filters: [] }, dictionary("en"))).toContain("constructor");
  });
});

describe("completeness", () => {
  it.each(["event", "attribute", "tag", "segment"] as const)("a new %s leaf is not complete and shows what is missing", (kind) => {
    const leaf = newLeaf(kind);
    expect(isComplete(leaf)).toBe(false);
    expect(leafTokens(leaf, false, dictionary("zh-CN")).some((token) => token.missing)).toBe(true);
  });

  it.each(cases)("complete means no open chip: %s", (_, condition) => {
    expect(isComplete(condition)).toBe(true);
  });

  it("an empty range and an empty value list are not complete", () => {
    expect(isComplete({ kind: "attribute", name: "age", test: { op: "between", from: 2, to: 1 } })).toBe(false);
    expect(isComplete({ kind: "all", of: [bakery, { ...bakery, filters: [{ property: "category", test: { op: "is", values: [] } }] }] })).toBe(false);
  });
});

describe("editing", () => {
  it("taking the group apart and putting it together changes nothing", () => {
    for (const [, condition] of cases) {
      const group = asGroup(condition);
      const rebuilt = group.of.reduce<GroupCondition>((before, part, index) => {
        const { negated, inner } = unwrap(part);
        return replaceAt(before, index, wrap(inner, negated));
      }, group);
      expect(rebuilt).toEqual(group);
      expect(asGroup(JSON.parse(JSON.stringify(rebuilt)) as Condition)).toEqual(group);
      expect(removeAt(append(group, bakery), group.of.length)).toEqual(group);
    }
  });

  it("two nots cancel", () => {
    expect(unwrap({ kind: "not", of: { kind: "not", of: bakery } })).toEqual({ negated: false, inner: bakery });
  });
});
