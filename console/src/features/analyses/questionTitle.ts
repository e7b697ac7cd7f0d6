/** What to call a question that has no name: its kind and the events it speaks of. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { AnalysisQuery } from "../../api/types";
import { useNames } from "../../app/names";
import { between, eventsOf } from "./questions";

const EVENTS_NAMED = 4;

export function useQuestionTitle(): (query: AnalysisQuery) => string {
  const { t } = useTranslation();
  const names = useNames();
  return useCallback(
    (query) => {
      const events = [...new Set(eventsOf(query.kind, query).map((item) => names.event(item.event)))].slice(0, EVENTS_NAMED);
      return [t(`nav.${query.kind}`), events.join(between(query.kind))].filter((part) => part !== "").join(" · ");
    },
    [t, names],
  );
}
