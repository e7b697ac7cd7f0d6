/** Which group of an answer is on screen; nothing to choose without a breakdown. */
import { useTranslation } from "react-i18next";
import type { Group } from "../../api/types";
import { Pick } from "../../ui";
import { useGroupName } from "./groupName";

export function GroupPick({ groups, at, onPick }: { groups: Group[]; at: number; onPick: (at: number) => void }) {
  const { t } = useTranslation();
  const groupName = useGroupName();
  if (groups.length < 2) return null;
  return <Pick aria-label={t("analyses.breakdown")} style={{ minWidth: 140 }} value={Math.min(at, groups.length - 1)} onChange={onPick} options={groups.map((group, value) => ({ value, label: groupName(group) }))} />;
}
