/** What the identity pages share: shapes in words, and where the nodes of the small graph stand. */
import type { HeldIdentifier, IdentityLink } from "../../api/types";

export const CLASSES = ["strong", "ecosystem", "weak", "device"] as const;

/** Nodes drawn; the list beside the graph has all. */
export const DRAWN_MAX = 18;

export interface Placed {
  held: HeldIdentifier;
  x: number;
  y: number;
}

export interface Drawing {
  nodes: Placed[];
  links: IdentityLink[];
  height: number;
  left: number;
}

/** Columns from what says most about a person to what says least, as shares of the width. */
const COLUMNS: Record<HeldIdentifier["class"], number> = { strong: 0, ecosystem: 1, weak: 1, device: 2 };
export const ROW = 44;

/** Places nodes in columns by class, each column centred; always the same for the same person. */
export function draw(identifiers: HeldIdentifier[], links: IdentityLink[]): Drawing {
  const shown = identifiers.slice(0, DRAWN_MAX);
  const columns: HeldIdentifier[][] = [[], [], []];
  for (const held of shown) columns[COLUMNS[held.class]]?.push(held);
  const used = columns.filter((column) => column.length > 0);
  const rows = Math.max(1, ...used.map((column) => column.length));
  const nodes = used.flatMap((column, at) =>
    column.map((held, row) => ({ held, x: used.length === 1 ? 0.5 : at / (used.length - 1), y: (row + (rows - column.length) / 2 + 0.5) * ROW })),
  );
  const drawn = new Set(shown.map((held) => held.node));
  return { nodes, links: links.filter((link) => drawn.has(link.a) && drawn.has(link.b)), height: rows * ROW, left: identifiers.length - shown.length };
}

/** Shown without its scope; the scope is said beside it. */
export function splitNamespace(namespace: string): [name: string, scope: string] {
  const at = namespace.indexOf(":");
  return at < 0 ? [namespace, ""] : [namespace.slice(0, at), namespace.slice(at + 1)];
}

/** Whether exactly one value of each kind that contradicts itself stays current. */
export function resolved(contradicting: HeldIdentifier[], former: number[]): boolean {
  const kinds = new Map<string, number>();
  for (const held of contradicting) {
    kinds.set(held.namespace, (kinds.get(held.namespace) ?? 0) + (former.includes(held.node) ? 0 : 1));
  }
  return [...kinds.values()].every((count) => count === 1);
}
