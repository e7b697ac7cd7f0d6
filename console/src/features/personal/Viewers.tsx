/** Who looks at people, and whose days are unusual. */
import { useQuery } from "@tanstack/react-query";
import { Eye, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Looker, Page } from "../../api/types";
import { Link, useGo } from "../../app/router";
import { paths } from "../../paths";
import { DataTable, type Column } from "../../table";
import { Empty, Label, Loaded, Num, Panel, Segmented } from "../../ui";

const DAYS = [7, 30] as const;

export function Viewers() {
  const { t } = useTranslation();
  const go = useGo();
  const [days, setDays] = useState<number>(DAYS[0]);
  const query = useQuery({ queryKey: ["/personal/viewers", days], queryFn: ({ signal }) => get<Page<Looker>>("/personal/viewers", { query: { days }, signal }) });
  const columns: Column<Looker>[] = [
    {
      key: "actor",
      title: t("personal.viewer"),
      cell: (row) => (
        <span className="row row-tight">
          <Link to={paths.personalViewer} search={{ actor: row.actor }}>{row.actor_name || row.actor}</Link>
          {row.actor.startsWith("key:") && <Label>{t("personal.key")}</Label>}
          {row.unusual_days.length > 0 && <span title={t("personal.unusual_days", { days: row.unusual_days.join(", ") })}><Label tone="danger"><TriangleAlert size={12} aria-hidden /> {t("personal.unusual")}</Label></span>}
        </span>
      ),
    },
    { key: "looks", title: t("personal.looks_count"), align: "end", sort: (row) => row.looks, cell: (row) => <Num value={row.looks} /> },
    { key: "people", title: t("personal.people_max"), align: "end", wideOnly: true, sort: (row) => row.people_max, cell: (row) => <Num value={row.people_max} /> },
    { key: "reveals", title: t("personal.reveals"), align: "end", sort: (row) => row.reveals, cell: (row) => <Num value={row.reveals} /> },
    { key: "exports", title: t("personal.exports_count"), align: "end", sort: (row) => row.exports, cell: (row) => <Num value={row.exports} /> },
    { key: "last", title: t("personal.last_day"), wideOnly: true, cell: (row) => <span className="num">{row.last_day}</span> },
  ];
  return (
    <Loaded query={query} rows={6}>
      {({ items }) => (
        <Panel
          flush
          title={t("personal.looks")}
          help={t("personal.viewers_help")}
          extra={<Segmented<number> aria-label={t("personal.range")} value={days} onChange={setDays} options={[{ value: 7, label: t("personal.last_week") }, { value: 30, label: t("personal.last_month") }]} />}
        >
          {items.length === 0
            ? <Empty icon={<Eye size={28} strokeWidth={1.5} />} title={t("personal.no_looks")}>{t("personal.no_looks_text")}</Empty>
            : <DataTable label={t("personal.looks")} columns={columns} rows={items} rowKey={(row) => row.actor} onOpen={(row) => go(paths.personalViewer, { actor: row.actor })} />}
        </Panel>
      )}
    </Loaded>
  );
}
