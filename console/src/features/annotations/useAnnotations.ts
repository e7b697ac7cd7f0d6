/** What happened on days, for all charts of the project. */
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { Annotation } from "../../api/types";

const FRESH_MILLIS = 60_000;
const NONE: Annotation[] = [];

export function useAnnotations() {
  return useQuery({
    queryKey: ["/annotations"],
    queryFn: ({ signal }) => get<{ items: Annotation[] }>("/annotations", { signal }),
    select: (data) => data.items,
    staleTime: FRESH_MILLIS,
  });
}

export function useDayNotes(): Annotation[] {
  return useAnnotations().data ?? NONE;
}
