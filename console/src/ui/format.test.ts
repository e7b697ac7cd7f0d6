import { describe, expect, it } from "vitest";
import { makeFormats } from "./format";

const zh = makeFormats("zh-CN", "Asia/Shanghai", "CNY");
const en = makeFormats("en", "America/New_York", "USD");

describe("numbers", () => {
  it.each([
    [0, "0", "0"],
    [57.571, "57.57", "57.57"],
    [575.71, "576", "576"],
    [9_999, "9,999", "9,999"],
    [12_480, "1.2 万", "12.5k"],
    [128_436, "12.8 万", "128.4k"],
    [3_144_856, "314.5 万", "3.1M"],
    [120_000_000, "1.2 亿", "120M"],
    [-12_480, "-1.2 万", "-12.5k"],
  ])("%d in short", (value, chinese, english) => {
    expect(zh.compact(value)).toBe(chinese);
    expect(en.compact(value)).toBe(english);
  });

  it("money is kept in minor units", () => {
    expect(zh.money(56_160)).toBe("¥561.60");
    expect(en.money(-5)).toBe("-$0.05");
    expect(makeFormats("zh-CN", "Asia/Tokyo", "JPY").minorPerUnit).toBe(1);
  });

  it("percent", () => {
    expect(zh.percent(0.0432, 2)).toBe("4.32%");
  });
});

describe("times", () => {
  const at = "2026-11-21T16:05:09Z";

  it("are shown in the project's zone", () => {
    expect(zh.dateTime(at)).toBe("2026-11-22 00:05");
    expect(en.dateTime(at)).toBe("2026-11-21 11:05");
    expect(zh.date(at)).toBe("2026-11-22");
    expect(zh.time(at)).toBe("00:05:09");
  });

  it("relative, by the largest whole unit", () => {
    const now = Date.parse(at);
    expect(en.relative(now - 59_000, now)).toBe("59 sec. ago");
    expect(en.relative(now - 61_000, now)).toBe("1 min. ago");
    expect(en.relative(now - 3_600_000 * 25, now)).toBe("yesterday");
    expect(zh.relative(now - 3_600_000 * 3, now)).toBe("3小时前");
  });

  it("durations", () => {
    expect(en.duration(450)).toBe("450 ms");
    expect(en.duration(5_400_000)).toBe("1.5 hr");
  });
});
