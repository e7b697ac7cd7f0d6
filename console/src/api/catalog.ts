/** What exists in the project: event names, properties, attributes, tags, segments. Shared by every builder. */
import { useQuery } from "@tanstack/react-query";
import { get } from "./client";
import type { Attribute, EventName, ItemType, Page, PlanName, PlanNames, PropertyName, RelationKind, Segment, Tag, ValueCount } from "./types";

type Items<T> = { items: T[] };

export interface GivenNames {
  events?: ReadonlyMap<string, PlanName>;
  properties?: ReadonlyMap<string, PlanName>;
  attributes?: ReadonlyMap<string, PlanName>;
}

const NAMES_FRESH_MILLIS = 60_000;
const NO_NAMES: GivenNames = {};

function byName(names: PlanName[]): ReadonlyMap<string, PlanName> {
  return new Map(names.map((name) => [name.name, name]));
}

function given(names: PlanNames): GivenNames {
  return { events: byName(names.events), properties: byName(names.properties), attributes: byName(names.attributes) };
}

/** The display names that the tracking plan gives, for every place that names things. */
export function usePlanNames(): GivenNames {
  const query = useQuery({ queryKey: ["/plan/names"], queryFn: ({ signal }) => get<PlanNames>("/plan/names", { signal }), select: given, staleTime: NAMES_FRESH_MILLIS });
  return query.data ?? NO_NAMES;
}

export function useEventNames() {
  return useQuery({
    queryKey: ["/events/names"],
    queryFn: ({ signal }) => get<Items<EventName>>("/events/names", { signal }),
    select: (data) => data.items,
  });
}

export function useEventProperties(event: string) {
  return useQuery({
    queryKey: ["/events/properties", event],
    queryFn: ({ signal }) => get<Items<PropertyName>>("/events/properties", { query: { event }, signal }),
    select: (data) => data.items,
    // Of any event there are no properties in particular.
    enabled: event !== "" && !event.startsWith("$any"),
  });
}

export function useEventValues(event: string, property: string, prefix: string) {
  return useQuery({
    queryKey: ["/events/values", event, property, prefix],
    queryFn: ({ signal }) => get<Items<ValueCount>>("/events/values", { query: { event, property, prefix }, signal }),
    select: (data) => data.items,
    placeholderData: (before) => before,
    enabled: event !== "" && property !== "",
  });
}

export function useAttributes() {
  return useQuery({
    queryKey: ["/attributes"],
    queryFn: ({ signal }) => get<Items<Attribute>>("/attributes", { signal }),
    select: (data) => data.items,
  });
}

export function useAttributeValues(name: string, prefix: string) {
  return useQuery({
    queryKey: ["/attributes/values", name, prefix],
    queryFn: ({ signal }) =>
      get<Items<ValueCount>>(`/attributes/${encodeURIComponent(name)}/values`, { query: { prefix }, signal }),
    select: (data) => data.items,
    placeholderData: (before) => before,
    enabled: name !== "",
  });
}

const ALL_LIMIT = 200;

export function useTags() {
  return useQuery({
    queryKey: ["/tags", "all"],
    queryFn: ({ signal }) => get<Page<Tag>>("/tags", { query: { limit: ALL_LIMIT }, signal }),
    select: (data) => data.items,
  });
}

/** The kinds of relations between people, the project's own among them. */
export function useRelationKinds() {
  return useQuery({
    queryKey: ["/relations/kinds"],
    queryFn: ({ signal }) => get<Page<RelationKind>>("/relations/kinds", { signal }),
    select: (data) => data.items,
    staleTime: NAMES_FRESH_MILLIS,
  });
}

export function useSegments() {
  return useQuery({
    queryKey: ["/segments", "all"],
    queryFn: ({ signal }) => get<Page<Segment>>("/segments", { query: { limit: ALL_LIMIT }, signal }),
    select: (data) => data.items,
  });
}

export function useItemTypes() {
  return useQuery({
    queryKey: ["/items/types"],
    queryFn: ({ signal }) => get<Items<ItemType>>("/items/types", { signal }),
    select: (data) => data.items,
  });
}

/** Values of an attribute of items; without an attribute their tags. */
export function useItemValues(type: string, attribute: string | undefined, prefix: string) {
  return useQuery({
    queryKey: ["/items/types/values", type, attribute, prefix],
    queryFn: ({ signal }) => get<Items<ValueCount>>(`/items/types/${encodeURIComponent(type)}/values`, { query: { attribute, prefix }, signal }),
    select: (data) => data.items,
    placeholderData: (before) => before,
    enabled: type !== "",
  });
}
