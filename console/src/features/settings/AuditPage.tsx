/** Who did what, and when. */
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { AuditEntry } from "../../api/types";
import { ListTable, type Column } from "../../table";
import { CodeBlock, DateTime, Empty, Page } from "../../ui";

export default function AuditPage() {
  const { t } = useTranslation();
  const list = useList<AuditEntry>("/audit");
  const columns: Column<AuditEntry>[] = [
    { key: "at", title: t("data.time"), cell: (row) => <DateTime at={row.at} /> },
    { key: "actor", title: t("settings.actor"), cell: (row) => row.actor_name || row.actor },
    { key: "action", title: t("settings.action"), cell: (row) => <code>{row.action}</code> },
    { key: "object", title: t("settings.object"), wideOnly: true, cell: (row) => row.object },
  ];
  return (
    <Page title={t("nav.audit")} description={t("settings.audit_help")}>
      <ListTable
        label={t("nav.audit")}
        list={list}
        columns={columns}
        rowKey={(row) => row.seq}
        expand={(row) => <CodeBlock code={typeof row.detail === "string" ? row.detail : JSON.stringify(row.detail, null, 2)} />}
        empty={<Empty title={t("settings.no_audit")} />}
      />
    </Page>
  );
}
