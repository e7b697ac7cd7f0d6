/** Records that could not be read at all: kept with their reason, to look at. */
import { PackageCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { Reject } from "../../api/types";
import { ListTable, type Column } from "../../table";
import { CodeBlock, DateTime, Empty, Label } from "../../ui";
import { LetIn } from "../quality/Stages";

export function Unreadable() {
  const { t } = useTranslation();
  const list = useList<Reject>("/rejects");
  const columns: Column<Reject>[] = [
    { key: "at", title: t("data.time"), cell: (row) => <DateTime at={row.received_at} /> },
    { key: "message", title: t("data.reason"), cell: (row) => <div className="cell-title"><strong>{row.released_at && `${t("data.let_in_at")} · `}{t(`names.reject_reasons.${row.code}`, { defaultValue: row.code })}</strong><span>{row.field && <code>{row.field}</code>} {row.message}</span></div> },
    { key: "source", title: t("data.source"), wideOnly: true, cell: (row) => <Label>{row.source}</Label> },
  ];
  return (
    <div className="stack">
      <p className="help">{t("data.rejects_help")}</p>
      <ListTable
        label={t("plan.unreadable")}
        list={list}
        columns={columns}
        rowKey={(row) => `${row.seq}:${row.code}:${row.field}`}
        expand={(row) => (
          <div className="stack stack-tight">
            {row.excerpt ? <CodeBlock code={row.excerpt} /> : <p className="help">{t("data.no_excerpt")}</p>}
            {row.releasable && <LetIn number={row.seq} />}
          </div>
        )}
        empty={<Empty icon={<PackageCheck size={28} strokeWidth={1.5} />} title={t("data.rejects_empty")}>{t("data.rejects_empty_text")}</Empty>}
      />
    </div>
  );
}
