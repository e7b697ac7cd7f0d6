/** Paths as bands between columns of nodes. Drawn by hand: at every node what comes in is as high as what goes out and ends. */
import { useMemo } from "react";
import { flow, HEIGHT, type FlowEdge, type FlowNode } from "./flow";

interface SankeyProps {
  nodes: FlowNode[];
  edges: FlowEdge[];
  label: string;
  /** As it stands beside a node. */
  format: (value: number) => string;
  onNode: (node: number) => void;
  onEdge: (edge: number) => void;
}

const COLUMN = 190;
const BAR = 10;
/** Letters of a name that have room. */
const NAME_MAX = 18;
/** Below the lowest node, for its name. */
const FOOT = 16;

export function Sankey({ nodes, edges, label, format, onNode, onEdge }: SankeyProps) {
  const { boxes, bands, columns } = useMemo(() => flow(nodes, edges), [nodes, edges]);
  const width = Math.max(1, columns) * COLUMN;
  return (
    <div className="sankey-scroll">
      <svg className="sankey" role="group" aria-label={label} viewBox={`0 0 ${width} ${HEIGHT + FOOT}`} style={{ width, height: HEIGHT + FOOT }}>
        {bands.map((band, index) => {
          const [x1, x2] = [band.column * COLUMN + BAR, (band.column + 1) * COLUMN];
          const middle = (x1 + x2) / 2;
          const path = `M${x1},${band.top1} C${middle},${band.top1} ${middle},${band.top2} ${x2},${band.top2} L${x2},${band.top2 + band.height} C${middle},${band.top2 + band.height} ${middle},${band.top1 + band.height} ${x1},${band.top1 + band.height} Z`;
          const [from, to] = [nodes[edges[index]?.from ?? 0]?.name, nodes[edges[index]?.to ?? 0]?.name];
          return (
            <path key={`${band.column}-${edges[index]?.from}-${edges[index]?.to}`} className="sankey-band" d={path} tabIndex={0} role="button" aria-label={`${from} → ${to} ${format(edges[index]?.value ?? 0)}`} onClick={() => onEdge(index)} onKeyDown={(event) => event.key === "Enter" && onEdge(index)}>
              <title>{`${from} → ${to}: ${format(edges[index]?.value ?? 0)}`}</title>
            </path>
          );
        })}
        {boxes.map((box, index) => {
          const node = nodes[index];
          if (!node) return null;
          const shown = node.name.length > NAME_MAX ? `${node.name.slice(0, NAME_MAX - 1)}…` : node.name;
          return (
            <g key={`${node.column}-${node.name}`} className={node.rest ? "sankey-node sankey-rest" : "sankey-node"} tabIndex={0} role="button" onClick={() => onNode(index)} onKeyDown={(event) => event.key === "Enter" && onNode(index)}>
              <rect x={node.column * COLUMN} y={box.top} width={BAR} height={box.height} rx={2} />
              <text x={node.column * COLUMN + BAR + 6} y={box.top + Math.min(box.height / 2, 14) + 4}>
                {shown} <tspan className="sankey-value">{format(node.value)}</tspan>
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}
