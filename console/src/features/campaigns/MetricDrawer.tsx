/** The people behind a number of a report. */
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { PersonBehind } from "../../api/types";
import { useNames } from "../../app/names";
import { Link, useGo } from "../../app/router";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { DateTime, Drawer, Empty, Num } from "../../ui";

interface MetricDrawerProps {
  campaign: number;
  metric: string;
  reason?: string;
  onClose: () => void;
}

export function MetricDrawer({ campaign, metric, reason, onClose }: MetricDrawerProps) {
  const { t } = useTranslation();
  const go = useGo();
  const names = useNames();
  const list = useList<PersonBehind>(`/campaigns/${campaign}/people`, { metric, reason });
  const title = [t(`campaigns.metric_${metric as "sent"}`, { defaultValue: metric }), reason && names.reason(reason)].filter(Boolean).join(" · ");
  const columns: Column<PersonBehind>[] = [
    { key: "person", title: t("data.person"), cell: (row) => <div className="cell-title"><Link to={paths.person(row.person)}>{row.name ?? row.email ?? `#${row.person}`}</Link><span>{row.name ? row.email : null}</span></div> },
    { key: "reason", title: t("data.reason"), wideOnly: true, cell: (row) => (row.reason ? names.reason(row.reason) : "–") },
    { key: "at", title: t("data.time"), cell: (row) => <DateTime at={row.at} /> },
  ];
  return (
    <Drawer open onClose={onClose} title={title} size={600}>
      <div className="stack">
        {list.total !== null && <p><span className="count-number"><Num value={list.total} /></span> <span className="muted">{t("analyses.people")}</span></p>}
        <ListTable label={title} list={list} columns={columns} rowKey={(row) => row.person} onOpen={(row) => go(paths.person(row.person))} empty={<Empty title={t("segments.nobody")} />} />
      </div>
    </Drawer>
  );
}
