/** Alerts that fire or could not be judged, for all who show how many there are. */
import { useQuery } from "@tanstack/react-query";
import { get } from "./client";
import type { Alert } from "./types";

const REFRESH_MILLIS = 60_000;

export function useOpenAlerts() {
  return useQuery({
    queryKey: ["/alerts", "open"],
    queryFn: ({ signal }) => get<{ items: Alert[] }>("/alerts", { query: { open: true }, signal }),
    select: (data) => data.items,
    refetchInterval: REFRESH_MILLIS,
  });
}
