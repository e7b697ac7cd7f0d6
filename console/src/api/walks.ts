/** Questions about paths and their answers. */
import type { EventMatch } from "./analyses";
import type { DateRange, Millis } from "./types";

export type PathAnchor = { kind: "beginning" } | { kind: "from" | "to"; event: EventMatch };

export interface PathQuery {
  events: EventMatch[];
  anchor: PathAnchor;
  range: DateRange;
  gap_seconds?: number;
  split?: string;
  collapse: boolean;
  steps: number;
  nodes: number;
  segment?: number;
}

export type PathName = { kind: "event"; event: string; value?: string | null } | { kind: "other" };

export interface PathNode {
  step: number;
  name: PathName;
  count: number;
  ends: number;
}

export interface PathEdge {
  step: number;
  from: PathName;
  to: PathName;
  count: number;
}

export interface PathResult {
  nodes: PathNode[];
  edges: PathEdge[];
  total: number;
  complete: boolean;
  as_of: Millis;
}

export interface PathCell {
  step: number;
  name: PathName;
  to?: PathName;
  ends: boolean;
}

/** Question, cell and answer of each kind. */
