/** What is being set aside right now, with the reason. */
import { useQuery } from "@tanstack/react-query";
import { PackageCheck } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Page as List, QualitySummary, Reject } from "../../api/types";
import { DataTable, type Column } from "../../table";
import { CodeBlock, Empty, Label, Loaded, useFormats } from "../../ui";
import { LetIn } from "../quality/Stages";

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
  const query = useQuery({
    queryKey: ["/rejects", "live", source],
    queryFn: ({ signal }) => get<List<Reject>>("/rejects", { query: { limit: ROWS, source }, signal }),
    refetchInterval: running ? REFRESH_MILLIS : false,
    placeholderData: (before) => before,
  });
  const columns: Column<Reject>[] = [
    { key: "time", title: t("data.time"), width: 110, cell: (row) => <time className="num" title={format.dateTime(row.received_at)}>{format.time(row.received_at)}</time> },
    { key: "reason", title: t("data.reason"), cell: (row) => <div className="cell-title"><strong>{t(`names.reject_reasons.${row.code}`, { defaultValue: row.code })}</strong><span>{row.field && <code>{row.field}</code>} {row.message}</span></div> },
    { key: "source", title: t("data.source"), wideOnly: true, cell: (row) => <Label>{row.source}</Label> },
  ];
  const detail = (row: Reject) => (
    <div className="stack stack-tight">
      {row.excerpt ? <CodeBlock code={row.excerpt} /> : <p className="help">{t("data.no_excerpt")}</p>}
      {row.releasable && <LetIn number={row.seq} />}
    </div>
  );
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <div className="table-frame">
            <div className="table-toolbar"><div className="row grow">{toolbar}</div></div>
            <Empty icon={<PackageCheck size={28} strokeWidth={1.5} />} title={t("data.rejects_empty")}>{t("data.rejects_empty_text")}</Empty>
          </div>
        ) : (
          <DataTable label={t("nav.rejects")} columns={columns} rows={items} rowKey={(row) => row.seq} toolbar={toolbar} expand={detail} />
        )
      }
    </Loaded>
  );
}
