/** The rules of a kind of relation: as a list of plain statements, and as what a form may hold. */
import type { DeclaredKind, RelationKind } from "../../api/types";

export const HOLDERS = ["many", "first", "latest"] as const;
export const GROUP_MIN = 2;
export const GROUP_MAX = 200;

type Rule = "many" | "first" | "latest" | "no_circles" | "group";

/** What holds of a kind, one word each; the words are translated where they are shown. */
export function rulesOf({ holders, no_circles, group_max }: Pick<RelationKind, "holders" | "no_circles" | "group_max">): Rule[] {
  if ((group_max ?? 0) > 0) return ["group"];
  return no_circles ? [holders, "no_circles"] : [holders];
}

/** Only what the server keeps of a kind. Without a direction both ends are called the same. */
export function declared({ name, from_title, to_title, holders, no_circles, group_max }: DeclaredKind): DeclaredKind {
  if ((group_max ?? 0) > 0) return { name, from_title: to_title.trim(), to_title: to_title.trim(), holders: "many", no_circles: false, group_max };
  return { name, from_title: from_title.trim(), to_title: to_title.trim(), holders, no_circles: holders !== "many" && no_circles === true, group_max: 0 };
}

/** The project's own kinds with this one among them; without it where it is left out. */
export function declaredWith(kinds: RelationKind[], name: string, next: DeclaredKind | null): DeclaredKind[] {
  const own = kinds.filter((kind) => kind.own && kind.active);
  if (next === null) return own.filter((kind) => kind.name !== name).map(declared);
  const changed = declared(next);
  return own.some((kind) => kind.name === name) ? own.map((kind) => (kind.name === name ? changed : declared(kind))) : [...own.map(declared), changed];
}
