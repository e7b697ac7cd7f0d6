/** What the groups of the answer on screen are called; segments side by side have their names, not their numbers. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useSegments } from "../../api/catalog";
import type { Breakdown, Group } from "../../api/types";
import { useNames } from "../../app/names";
import { useAskedQuery } from "./asked";

export function useGroupName(): (group: Group) => string {
  const { t } = useTranslation();
  const names = useNames();
  const segments = useSegments().data;
  const asked = useAskedQuery() as { breakdown?: Breakdown; then_by?: Breakdown[] } | undefined;
  const first = asked?.breakdown;
  const more = asked?.then_by;
  return useCallback(
    (group: Group) => {
      const one = (part: Group, by: Breakdown | undefined) => {
        if (by?.kind === "segments" && part.kind === "missing") return t("analyses.in_no_segment");
        if (part.kind !== "value") return names.group(part);
        if (by?.kind === "segments") return segments?.find((segment) => String(segment.id) === part.value)?.name ?? part.value;
        if (by?.kind === "ranges") {
          const { from, to } = edgesOf(part.value, (edge) => names.number(by.property, edge));
          if (from === "") return t("analyses.range_below", { to });
          return to === "" ? t("analyses.range_from", { from }) : t("analyses.range_between", { from, to });
        }
        return names.group(part);
      };
      if (group.kind !== "several") return one(group, first);
      return group.of.map((part, index) => one(part, index === 0 ? first : more?.[index - 1])).join(" · ");
    },
    [t, names, segments, first, more],
  );
}

/** The ends of `10..20` as people read them; either may be open. */
function edgesOf(range: string, number: (edge: number) => string): { from: string; to: string } {
  const [from = "", to = ""] = range.split("..").map((edge) => (edge === "" ? "" : number(Number(edge))));
  return { from, to };
}
