/** What the page of one person asks for, named apart from it: a click asks before the page is drawn. */
import { infiniteQueryOptions, keepPreviousData, queryOptions, type QueryClient } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { Page, Person, TimelineItem, TimelineOutline } from "../../api/types";
import type { Search } from "../../paths";

const PAGE_ENTRIES = 100;

/** Below this what a person is and what they did do not fit beside each other. */
export const NARROW = "(max-width: 1080px)";

export function personQuery(id: number) {
  return queryOptions({ queryKey: ["/people", id], queryFn: ({ signal }) => get<Person>(`/people/${id}`, { signal }) });
}

export function outlineQuery(id: number) {
  const path = `/people/${id}/timeline/outline`;
  return queryOptions({ queryKey: [path], queryFn: ({ signal }) => get<TimelineOutline>(path, { signal }) });
}

export function timelineQuery(id: number, { kinds, event, text: query, before }: Search) {
  const path = `/people/${id}/timeline`;
  return infiniteQueryOptions({
    queryKey: [path, { kinds, event, query, before }],
    queryFn: ({ pageParam, signal }) => get<Page<TimelineItem>>(path, { query: { kinds, events: event, query, before, cursor: pageParam, limit: PAGE_ENTRIES }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: keepPreviousData,
  });
}

/** Asks for what the page will show first. Of somebody who is known already the page itself asks again what is old. */
export async function askPerson(client: QueryClient, params: Record<string, string>, search: Search): Promise<unknown> {
  const id = Number(params.id);
  const head = personQuery(id);
  if (client.getQueryState(head.queryKey) !== undefined) return;
  const asked = [client.prefetchQuery(head)];
  if (search.view !== "compact" && (search.tab ?? (matchMedia(NARROW).matches ? "about" : "timeline")) === "timeline") {
    asked.push(client.prefetchInfiniteQuery(timelineQuery(id, search)), client.prefetchQuery(outlineQuery(id)));
  }
  return Promise.all(asked);
}
