/** How people are related, and who came to segments and who went, for the mock server. */
import type { PersonRelations, RelatedPerson, RelationKind, SegmentStep } from "../src/api/types";
import * as data from "./data.ts";

const DAY = 86_400_000;
const kind = (name: string, more: Partial<RelationKind> = {}): RelationKind => ({ name, from_title: name, to_title: name, holders: "many", no_circles: false, group_max: 0, own: false, active: true, ties: 12, ...more });
const kinds = [kind("inviter", { holders: "first", no_circles: true }), kind("staff"), kind("responsible", { holders: "latest" }), kind("household", { group_max: 20 })];

const list = (items: unknown[], total = items.length) => ({ items, next_cursor: null, total });

function related(at: number): RelatedPerson[] {
  const other = data.people[at];
  return other ? [{ other, since: data.at(at * 9 * DAY), until: null, source: "小程序", by: null, reason: null }] : [];
}

const group = (name: string, side: "from" | "to", items: RelatedPerson[]) => ({ kind: name, side, total: items.length, items });
const step = (ago: number, joined: number, left: number, people: number): SegmentStep => ({ at: data.at(ago * 3_600_000), after: ago > 40 ? null : data.at((ago + 1) * 3_600_000), people, joined, left, reshaped: 0, redefined: false });

export function relationsOf(rest: string[]): unknown {
  return rest[0] === "kinds" ? list(kinds) : list([]);
}

export function personRelations(person: number, rest: string[]): unknown {
  if (rest[1] === "tree") return { person, levels: [3, 8, 2], total: 13, cut: false, branches: related(2).map((one) => ({ ...one, direct: 8, below: 10 })) };
  if (rest[0]) return list([...related(2), ...related(3)]);
  const groups = [group("inviter", "to", related(1)), group("inviter", "from", [...related(2), ...related(3)]), group("responsible", "to", related(4))];
  const whole: PersonRelations = { person, groups, past: [], past_total: 0, conflicts: [] };
  return whole;
}

export function flowOf(rest: string[]): unknown {
  if (rest[0] === "people") return list(data.people.slice(0, 20), 20);
  return list([step(1, 12, 3, 12_480), step(5, 0, 41, 12_471), step(48, 12_512, 0, 12_512)]);
}
