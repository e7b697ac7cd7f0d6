/** What can be pointed at in a sample body, and the mapping as the form holds it. Pure. */
import type { HookIdentifier, HookMapping, HookProperty, Take } from "../../api/types";

/** A place in a body: its JSON pointer (RFC 6901) and what stands there in the sample. */
export interface Place {
  pointer: string;
  example: string;
}

export interface Sample {
  /** Lists of the body that could hold the items. */
  lists: Place[];
  /** Values of the first item. */
  item: Place[];
  /** Values of the whole body, for what stands beside the list. */
  body: Place[];
  broken: boolean;
}

const PLACES_MAX = 200;
const EXAMPLE_LETTERS = 40;

export const IDENTIFIERS: HookIdentifier[] = ["login", "phone", "email", "device"];

export function newMapping(zone: string): HookMapping {
  return { kind: "event", list: "", event: { at: "" }, time: { at: "" }, zone, id: { at: "" }, identifiers: {}, properties: {}, rest: true, money_places: 2 };
}

export function read(text: string, list: string): Sample {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { lists: [], item: [], body: [], broken: text.trim() !== "" };
  }
  const found = at(body, list);
  const first: unknown = Array.isArray(found) ? found[0] : found;
  const everywhere = places(body);
  return {
    lists: everywhere.filter((place) => Array.isArray(at(body, place.pointer))),
    item: scalars(first),
    body: scalars(body),
    broken: false,
  };
}

function scalars(value: unknown): Place[] {
  return places(value).filter((place) => {
    const there = at(value, place.pointer);
    return there !== null && typeof there !== "object";
  });
}

/** Every place of a value, parents first; only the first item of a list is looked into. */
function places(value: unknown, pointer = "", into: Place[] = []): Place[] {
  if (into.length >= PLACES_MAX) return into;
  into.push({ pointer, example: shown(value) });
  const inner: [string, unknown][] = Array.isArray(value) ? value.slice(0, 1).map((item: unknown) => ["0", item]) : value !== null && typeof value === "object" ? Object.entries(value) : [];
  for (const [name, child] of inner) places(child, `${pointer}/${name.replace(/~/g, "~0").replace(/\//g, "~1")}`, into);
  return into;
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > EXAMPLE_LETTERS ? `${text.slice(0, EXAMPLE_LETTERS)}…` : text;
}

export function at(value: unknown, pointer: string): unknown {
  if (pointer === "") return value;
  return pointer
    .slice(1)
    .split("/")
    .map((name) => name.replace(/~1/g, "/").replace(/~0/g, "~"))
    .reduce<unknown>((inner, name) => (inner !== null && typeof inner === "object" ? (inner as Record<string, unknown>)[name] : undefined), value);
}

export type TakeWay = "at" | "body" | "always";

export function way(take: Take | null | undefined): TakeWay {
  if (take && "always" in take) return "always";
  return take && "body" in take ? "body" : "at";
}

export function takeText(take: Take | null | undefined): string {
  if (!take) return "";
  const value: unknown = "at" in take ? take.at : "body" in take ? take.body : take.always;
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function takeOf(kind: TakeWay, text: string): Take {
  if (kind === "at") return { at: text };
  return kind === "body" ? { body: text } : { always: text };
}

const kept = (take: Take | null | undefined) => (takeText(take) === "" ? undefined : take);

/** As it is stored: what was left empty is absent. */
export function stored(mapping: HookMapping): HookMapping {
  return {
    ...mapping,
    event: mapping.kind === "event" ? kept(mapping.event) : undefined,
    time: kept(mapping.time),
    id: kept(mapping.id),
    identifiers: Object.fromEntries(Object.entries(mapping.identifiers).filter(([, take]) => takeText(take) !== "")),
    properties: Object.fromEntries(Object.entries(mapping.properties ?? {}).filter(([name, property]) => name !== "" && takeText(property.take) !== "")),
  };
}

/** The property under another name, at the same place. */
export function renamed(properties: Record<string, HookProperty>, from: string, to: string): Record<string, HookProperty> {
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name === from ? to : name, property]));
}
