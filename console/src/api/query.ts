/** Cache rules and the two hooks every list and every write goes through. */
import { QueryClient, useInfiniteQuery, useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { get, type QueryValue } from "./client";
import { asApiError, type ApiError } from "./errors";
import type { Page } from "./types";

const FRESH_MILLIS = 15_000;
const RETRIES_MAX = 2;

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MILLIS,
        retry: (count, error) => count < RETRIES_MAX && asApiError(error).retryable,
        refetchOnWindowFocus: true,
      },
    },
  });
}

/** A list that grows by its cursor. */
export function useList<T>(path: string, query: Record<string, QueryValue> = {}, enabled = true) {
  const result = useInfiniteQuery({
    queryKey: [path, query] as QueryKey,
    queryFn: ({ pageParam, signal }) => get<Page<T>>(path, { query: { ...query, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
    placeholderData: (before) => before,
    enabled,
  });
  return {
    ...result,
    items: result.data?.pages.flatMap((page) => page.items),
    total: result.data?.pages[0]?.total ?? null,
  };
}

export type ListResult<T> = ReturnType<typeof useList<T>>;

/** A write: afterwards everything under the given keys is asked again. */
export function useWrite<Input, Output>(write: (input: Input) => Promise<Output>, touches: readonly string[] = []) {
  const client = useQueryClient();
  return useMutation<Output, ApiError, Input>({
    mutationFn: async (input) => {
      try {
        return await write(input);
      } catch (error) {
        throw asApiError(error);
      }
    },
    onSuccess: async () => {
      await client.invalidateQueries({
        predicate: (query) => {
          const head = query.queryKey[0];
          return typeof head === "string" && touches.some((prefix) => head === prefix || head.startsWith(`${prefix}/`));
        },
      });
    },
  });
}
