/** Shapes of relations between people, and of who came to segments and who went. */
import type { components } from "./schema";
import type { Compare } from "./types";

type S = components["schemas"];

export type RelationSide = "from" | "to";

/** How many others the person is related with; `side` is the person's own end. */
export interface RelationLeaf {
  kind: "relation";
  relation: string;
  side: RelationSide;
  with: { kind: "anybody" } | { kind: "people"; numbers: number[] } | { kind: "segment"; segment: number };
  compare: Compare;
  value: number;
}

export type RelationKind = S["RelationKindItem"];
export type RelatedPerson = S["RelatedPerson"];
export type PersonRelations = S["PersonRelations"];
export type RelationTree = S["RelationTree"];
export type SegmentStep = S["SegmentStep"];
export type RelationConflict = S["RelationConflict"];
/** A kind as a project declares it. */
export type DeclaredKind = S["RelationKind"];
