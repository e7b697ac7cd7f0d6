import { describe, expect, it } from "vitest";
import { flow, HEIGHT, type FlowEdge, type FlowNode } from "./flow";

const nodes: FlowNode[] = [
  { column: 0, name: "a", value: 10 },
  { column: 1, name: "b", value: 6 },
  { column: 1, name: "other", value: 3, rest: true },
];
const edges: FlowEdge[] = [{ from: 0, to: 1, value: 6 }, { from: 0, to: 2, value: 3 }];

describe("a flow", () => {
  const { boxes, bands, columns } = flow(nodes, edges);

  it("stands within its height, without overlaps", () => {
    expect(columns).toBe(2);
    for (const box of boxes) expect(box.top + box.height).toBeLessThanOrEqual(HEIGHT + 0.001);
    expect((boxes[2]?.top ?? 0)).toBeGreaterThan((boxes[1]?.top ?? 0) + (boxes[1]?.height ?? 0));
  });

  it("has bands no higher than their nodes, one under another", () => {
    expect(bands[1]?.top1).toBeCloseTo((bands[0]?.top1 ?? 0) + (bands[0]?.height ?? 0));
    const sum = bands.reduce((before, band) => before + band.height, 0);
    expect(sum).toBeLessThanOrEqual((boxes[0]?.height ?? 0) + 0.001);
    expect(bands[0]?.height).toBeCloseTo(2 * (bands[1]?.height ?? 0));
  });

  it("of nothing is nothing", () => {
    expect(flow([], [])).toEqual({ boxes: [], bands: [], columns: 0 });
  });
});
