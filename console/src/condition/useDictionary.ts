/** The words of sentences: translations, display names, and the names of tags and segments. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useItemTypes, useSegments, useTags } from "../api/catalog";
import { useNames } from "../app/names";
import { opposite, useRelationName } from "../features/relations/names";
import type { Dictionary } from "./sentence";

export function useDictionary(): Dictionary {
  const { t } = useTranslation();
  const names = useNames();
  const tags = useTags().data;
  const segments = useSegments().data;
  const relation = useRelationName();
  const itemTypes = useItemTypes().data;
  return useMemo(() => {
    const tagNames = new Map(tags?.map((tag) => [tag.id, tag.display || tag.name]));
    const segmentNames = new Map(segments?.map((segment) => [segment.id, segment.name]));
    const typeNames = new Map(itemTypes?.map((type) => [type.name, type.display ?? ""]));
    const unknown = (id: number, known: boolean) => (known ? t("condition.unknown", { id }) : `#${id}`);
    return {
      t,
      names,
      tag: (id) => tagNames.get(id) ?? unknown(id, tags !== undefined),
      relation: (kind, side) => relation(kind, opposite(side)),
      segment: (id) => segmentNames.get(id) ?? unknown(id, segments !== undefined),
      itemType: (name) => typeNames.get(name) || names.itemType(name),
    };
  }, [t, names, tags, segments, relation, itemTypes]);
}
