/** What those at an end of a relation are called: translated for the kinds every project has. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useRelationKinds } from "../../api/catalog";
import type { RelationKind, RelationSide } from "../../api/types";

export type RelationName = (kind: string, end: RelationSide) => string;

/** The name of an end; `from` of `inviter` is who invited. */
export function useRelationName(): RelationName {
  const { t } = useTranslation();
  const kinds = useRelationKinds().data;
  return useCallback(
    (kind, end) => {
      const own = kinds?.find((known) => known.name === kind && known.own);
      if (own) return end === "from" ? own.from_title : own.to_title;
      return t(`relations.${end}.${kind as "inviter"}`, { defaultValue: kind });
    },
    [t, kinds],
  );
}

/** The ends at which somebody can stand; in a group there is no difference. */
export function endsOf(kind: RelationKind): RelationSide[] {
  return (kind.group_max ?? 0) > 0 ? ["to"] : ["to", "from"];
}

export function opposite(side: RelationSide): RelationSide {
  return side === "from" ? "to" : "from";
}
