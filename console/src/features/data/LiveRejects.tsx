/** What is being set aside right now, with the reason. */
import { useQuery } from "@tanstack/react-query";
import { PackageCheck } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Page as List, QualitySummary, QuarantineItem } from "../../api/types";
import { DataTable, type Column } from "../../table";
import { Empty, Label, Loaded, useFormats } from "../../ui";
import { useReason } from "../plan/plan";
import { Kept } from "../plan/QuarantinePage";

const REFRESH_MILLIS = 2_000;
const ROWS = 50;

/** Names of the sources that ever sent something. */
export function useSeenSources(): string[] {
  const summary = useQuery({ queryKey: ["/quality/summary", 1], queryFn: ({ signal }) => get<QualitySummary>("/quality/summary", { query: { days: 1 }, signal }) });
  return summary.data?.sources.map((source) => source.name) ?? [];
}

export function LiveRejects({ running, source, toolbar }: { running: boolean; source?: string; toolbar: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormats();
  const because = useReason();
  const query = useQuery({
    queryKey: ["/plan/quarantine", "live", source],
    queryFn: ({ signal }) => get<List<QuarantineItem>>("/plan/quarantine", { query: { limit: ROWS, source }, signal }),
    refetchInterval: running ? REFRESH_MILLIS : false,
    placeholderData: (before) => before,
  });
  const columns: Column<QuarantineItem>[] = [
    { key: "time", title: t("data.time"), width: 110, cell: (row) => <time className="num" title={format.dateTime(row.received_at)}>{format.time(row.received_at)}</time> },
    { key: "reason", title: t("data.reason"), cell: (row) => <div className="cell-title"><strong>{because(row.reason)}</strong><span>{row.field && <code>{row.field}</code>} {row.message}</span></div> },
    { key: "source", title: t("data.source"), wideOnly: true, cell: (row) => <Label>{row.source}</Label> },
  ];
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <div className="table-frame">
            <div className="table-toolbar"><div className="row grow">{toolbar}</div></div>
            <Empty icon={<PackageCheck size={28} strokeWidth={1.5} />} title={t("data.rejects_empty")}>{t("data.rejects_empty_text")}</Empty>
          </div>
        ) : (
          <DataTable label={t("nav.rejects")} columns={columns} rows={items} rowKey={(row) => row.seq} toolbar={toolbar} expand={(row) => <Kept row={row} />} />
        )
      }
    </Loaded>
  );
}
