/** The menu beside an answer. */
import { MoreHorizontal } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Dropdown } from "../../ui";
import { AnnotationsDrawer } from "../annotations/AnnotationsDrawer";
import { useChartMenu, type Pictured } from "./exporting";
import { useWording } from "./wording";

export function ChartMenu({ of }: { of: Pictured }) {
  const { t } = useTranslation();
  const wording = useWording();
  const [annotations, setAnnotations] = useState(false);
  const { items, busy } = useChartMenu(of, wording, () => setAnnotations(true));
  return (
    <>
      <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
        <Button icon={<MoreHorizontal size={16} />} loading={busy} aria-label={t("chart.menu")} title={t("chart.menu")} />
      </Dropdown>
      <AnnotationsDrawer open={annotations} onClose={() => setAnnotations(false)} />
    </>
  );
}
