/** The state of a campaign as a dot and a word. */
import { useTranslation } from "react-i18next";
import type { CampaignState } from "../../api/types";
import { Status, type Tone } from "../../ui";

const TONES: Record<CampaignState, Tone> = { draft: "neutral", running: "info", paused: "warning", finished: "success", cancelled: "neutral" };

export function CampaignStatus({ state }: { state: CampaignState }) {
  const { t } = useTranslation();
  return <Status tone={TONES[state]}>{t(`campaigns.states.${state}`)}</Status>;
}
