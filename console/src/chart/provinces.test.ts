import { describe, expect, it } from "vitest";
import { COLUMNS, PROVINCES, provinceOf, ROWS } from "./provinces";

describe("provinces", () => {
  it("are 34, each on a square of its own", () => {
    expect(PROVINCES).toHaveLength(34);
    for (const key of ["code", "zh", "full", "en"] as const) expect(new Set(PROVINCES.map((province) => province[key])).size).toBe(34);
    expect(new Set(PROVINCES.map(({ row, column }) => `${row} ${column}`)).size).toBe(34);
    for (const { row, column } of PROVINCES) expect(row < ROWS && column < COLUMNS).toBe(true);
  });

  it.each([
    ["浙江", "ZJ"], ["浙江省", "ZJ"], [" 北京市 ", "BJ"], ["内蒙古自治区", "NM"], ["内蒙古", "NM"], ["广西壮族自治区", "GX"], ["香港特别行政区", "HK"], ["香港", "HK"], ["澳门特区", "MO"], ["中国台湾", "TW"],
    ["Zhejiang", "ZJ"], ["zhejiang province", "ZJ"], ["Beijing Municipality", "BJ"], ["Inner Mongolia Autonomous Region", "NM"], ["Xinjiang Uygur Autonomous Region", "XJ"], ["Hong Kong SAR", "HK"], ["Macau", "MO"], ["Shaanxi", "SN"], ["Shanxi", "SX"], ["Xizang", "XZ"], ["CN-GD", "GD"],
  ])("%s is %s", (value, code) => {
    expect(provinceOf(value)?.code).toBe(code);
  });

  it.each(["杭州", "吉林市", "Jilin City", "海南藏族自治州", "浙", "", "GD", "省"])("%s is none", (value) => {
    expect(provinceOf(value)).toBeUndefined();
  });
});
