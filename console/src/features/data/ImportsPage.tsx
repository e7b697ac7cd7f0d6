/** The files that were imported. */
import { Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { Import } from "../../api/types";
import { JOB_TONES } from "../../app/Jobs";
import { Link, useGo } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Button, DateTime, Empty, Num, Page, Status } from "../../ui";

export default function ImportsPage() {
  const { t } = useTranslation();
  const go = useGo();
  const { may } = useSession();
  const list = useList<Import>("/imports");
  const columns: Column<Import>[] = [
    { key: "name", title: t("data.file"), cell: (row) => <div className="cell-title"><Link to={paths.importDetail(row.id)}>{row.name}</Link><span>{t(`data.kind_${row.kind}`)}{row.dry_run && ` · ${t("data.dry_run")}`}</span></div> },
    { key: "state", title: t("data.state"), cell: (row) => <Status tone={JOB_TONES[row.state]}>{t(`jobs.states.${row.state}`)}</Status> },
    { key: "rows", title: t("data.rows"), align: "end", sort: (row) => row.rows, cell: (row) => <Num value={row.rows} /> },
    { key: "accepted", title: t("data.accepted"), align: "end", wideOnly: true, sort: (row) => row.accepted, cell: (row) => <Num value={row.accepted} /> },
    { key: "rejected", title: t("data.rejected"), align: "end", sort: (row) => row.rejected, cell: (row) => <Num value={row.rejected} /> },
    { key: "at", title: t("data.started"), wideOnly: true, cell: (row) => <DateTime at={row.created_at} /> },
  ];
  const start = may("data.write") && <Button type="primary" icon={<Upload size={14} />} onClick={() => go(paths.newImport)}>{t("palette.new_import")}</Button>;
  return (
    <Page title={t("nav.imports")} description={t("data.imports_help")} primary={start}>
      <ListTable
        id="imports"
        label={t("nav.imports")}
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={(row) => go(paths.importDetail(row.id))}
        empty={<Empty icon={<Upload size={28} strokeWidth={1.5} />} title={t("data.imports_empty")} action={start}>{t("data.imports_empty_text")}</Empty>}
      />
    </Page>
  );
}
