import { describe, expect, it } from "vitest";
import { nextLook } from "./rate";

describe("the rate of an import", () => {
  it("needs two different looks, and follows what happens now", () => {
    const first = nextLook(null, 1_000, 0);
    expect(first.rate).toBeNull();
    expect(nextLook(first, 1_000, 500)).toBe(first);
    const second = nextLook(first, 3_000, 1_000);
    expect(second.rate).toBe(2_000);
    const third = nextLook(second, 9_000, 2_000);
    expect(third.rate).toBeGreaterThan(2_000);
    expect(third.rate).toBeLessThan(6_000);
  });

  it("begins anew when the rows do, as after a restart", () => {
    expect(nextLook({ at: 0, rows: 5_000, rate: 100 }, 10, 1_000).rate).toBeNull();
  });
});
