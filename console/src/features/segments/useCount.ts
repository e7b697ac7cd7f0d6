/** The number of people a condition means, while it is edited. Superseded questions are cancelled. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { post } from "../../api/client";
import type { Condition, SegmentCount } from "../../api/types";
import { useDebounced } from "../../app/useDebounced";
import { isComplete } from "../../condition";

const TYPING_MILLIS = 200;

/** `identity_as_of`: of the people as they were told apart then. */
export function useCount(condition: Condition, identity_as_of?: string) {
  const settled = useDebounced(condition, TYPING_MILLIS);
  const complete = isComplete(settled);
  const query = useQuery({
    queryKey: ["/segments/count", settled, identity_as_of],
    queryFn: ({ signal }) => post<SegmentCount>("/segments/count", { condition: settled, identity_as_of }, { signal }),
    enabled: complete,
    placeholderData: keepPreviousData,
  });
  return { ...query, complete: isComplete(condition), stale: query.isPlaceholderData || settled !== condition };
}
