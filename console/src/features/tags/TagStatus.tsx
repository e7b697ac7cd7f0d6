/** Whether a tag's values are current. */
import { useTranslation } from "react-i18next";
import type { Tag, TagState } from "../../api/types";
import { Status, type Tone } from "../../ui";

const TONES: Record<TagState, Tone> = { ready: "success", queued: "info", failed: "danger" };

export function TagStatus({ tag }: { tag: Tag }) {
  const { t } = useTranslation();
  return <Status tone={TONES[tag.state]}>{t(`tags.states.${tag.state}`)}</Status>;
}
