/** Whether a tag's values are current. */
import { useTranslation } from "react-i18next";
import type { Tag } from "../../api/types";
import { Status, type Tone } from "../../ui";

const TONES: Record<string, Tone> = { ready: "success", computed: "success", online: "success", computing: "info", running: "info", queued: "info", draft: "neutral", new: "neutral", failed: "danger" };

export function TagState({ tag }: { tag: Tag }) {
  const { t } = useTranslation();
  const tone = tag.error ? "danger" : (TONES[tag.state] ?? "neutral");
  return <Status tone={tone}>{tag.error ? t("tags.states.failed") : t(`tags.states.${tag.state as "ready"}`, { defaultValue: tag.state })}</Status>;
}
