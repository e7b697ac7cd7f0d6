/** Where the nodes and bands of a flow stand. Pure, so that conservation can be tested. */

export interface FlowNode {
  column: number;
  name: string;
  value: number;
  /** The node of all others. */
  rest?: boolean;
}

/** Between nodes by index; `to` stands one column after `from`. */
export interface FlowEdge {
  from: number;
  to: number;
  value: number;
}

interface Box {
  top: number;
  height: number;
}

interface Band {
  column: number;
  top1: number;
  top2: number;
  height: number;
}

export const HEIGHT = 420;
const GAP = 14;
const LEAST = 2;

/** One scale for all columns, so that heights can be compared. */
export function flow(nodes: FlowNode[], edges: FlowEdge[]): { boxes: Box[]; bands: Band[]; columns: number } {
  const columns = Math.max(0, ...nodes.map((node) => node.column + 1));
  const inColumn = (column: number) => nodes.filter((node) => node.column === column);
  const scales = Array.from({ length: columns }, (_, column) => {
    const all = inColumn(column);
    const sum = all.reduce((before, node) => before + node.value, 0);
    return sum > 0 ? (HEIGHT - GAP * Math.max(0, all.length - 1) - LEAST * all.length) / sum : Number.POSITIVE_INFINITY;
  });
  const scale = Math.min(...scales);
  const tops = Array.from({ length: columns }, () => 0);
  const boxes = nodes.map((node) => {
    const height = LEAST + node.value * (Number.isFinite(scale) ? scale : 0);
    const top = tops[node.column] ?? 0;
    tops[node.column] = top + height + GAP;
    return { top, height };
  });
  const out = boxes.map((box) => box.top);
  const into = boxes.map((box) => box.top);
  const bands = edges.map((edge) => {
    const height = edge.value * (Number.isFinite(scale) ? scale : 0);
    const band = { column: nodes[edge.from]?.column ?? 0, top1: out[edge.from] ?? 0, top2: into[edge.to] ?? 0, height };
    out[edge.from] = band.top1 + height;
    into[edge.to] = band.top2 + height;
    return band;
  });
  return { boxes, bands, columns };
}
