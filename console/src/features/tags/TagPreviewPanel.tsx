/** What a definition would give, computed while it is edited. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import type { TagDefinition, TagPreview } from "../../api/types";
import { useNames } from "../../app/names";
import { useDebounced } from "../../app/useDebounced";
import { Distribution } from "../../chart";
import { Loaded, Num, Panel } from "../../ui";
import { isDefinitionComplete } from "./definition";

const TYPING_MILLIS = 400;

export function TagPreviewPanel({ definition }: { definition: TagDefinition }) {
  const { t } = useTranslation();
  const names = useNames();
  const settled = useDebounced(definition, TYPING_MILLIS);
  const complete = isDefinitionComplete(settled);
  const preview = useQuery({
    queryKey: ["/tags/preview", settled],
    queryFn: ({ signal }) => post<TagPreview>("/tags/preview", { definition: settled }, { signal }),
    enabled: complete,
    placeholderData: (before) => before,
  });
  return (
    <Panel title={t("tags.preview")} help={t("tags.preview_help")}>
      {!complete && !preview.data ? (
        <p className="help">{t("tags.definition_incomplete")}</p>
      ) : (
        <Loaded query={preview}>
          {(data) => (
            <div className="stack stack-tight" style={{ opacity: preview.isPlaceholderData ? 0.5 : 1 }}>
              <p>{t("tags.coverage")} <strong><Num value={data.coverage} /></strong></p>
              <Distribution rows={data.values.map((item) => ({ key: item.value, name: names.tagValue(item.value), value: item.people }))} />
            </div>
          )}
        </Loaded>
      )}
    </Panel>
  );
}
