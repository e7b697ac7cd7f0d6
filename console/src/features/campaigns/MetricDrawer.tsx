/** The people behind a number of a report. */
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { PersonRow } from "../../api/types";
import { useNames } from "../../app/names";
import { Drawer, Empty, Num } from "../../ui";
import { PeopleTable } from "../people/PeopleTable";

interface MetricDrawerProps {
  campaign: number;
  metric: string;
  reason?: string;
  onClose: () => void;
}

export function MetricDrawer({ campaign, metric, reason, onClose }: MetricDrawerProps) {
  const { t } = useTranslation();
  const names = useNames();
  const list = useList<PersonRow>(`/campaigns/${campaign}/people`, { metric, reason });
  const title = [t(`campaigns.metric_${metric as "sent"}`, { defaultValue: metric }), reason && names.reason(reason)].filter(Boolean).join(" · ");
  return (
    <Drawer open onClose={onClose} title={title} size={680}>
      <div className="stack">
        {list.total !== null && <p><span className="count-number"><Num value={list.total} /></span> <span className="muted">{t("analyses.people")}</span></p>}
        <PeopleTable list={list} empty={<Empty title={t("segments.nobody")} />} />
      </div>
    </Drawer>
  );
}
