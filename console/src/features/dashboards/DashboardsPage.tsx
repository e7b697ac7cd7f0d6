/** All dashboards. */
import { LayoutDashboard, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { post, remove } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { Dashboard, DashboardItem } from "../../api/types";
import { Link, useGo } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Ago, Button, Empty, IconButton, Num, Page, useConfirm, useNameDialog, useToast } from "../../ui";

export default function DashboardsPage() {
  const { t } = useTranslation();
  const go = useGo();
  const ask = useNameDialog();
  const confirm = useConfirm();
  const toast = useToast();
  const { may } = useSession();
  const list = useList<DashboardItem>("/dashboards");
  const create = useWrite((name: string) => post<Dashboard>("/dashboards", { name }), ["/dashboards"]);
  const drop = useWrite((id: number) => remove(`/dashboards/${id}`), ["/dashboards"]);
  const writes = may("analyses.write");
  const make = () =>
    ask({
      title: t("dashboards.new"),
      label: t("dashboards.name_example"),
      action: t("dashboards.create"),
      run: async (name) => go(paths.dashboard((await create.mutateAsync(name)).id)),
    });
  const askRemove = (row: DashboardItem) =>
    confirm({ title: t("dashboards.delete_title", { name: row.name }), content: t("dashboards.delete_text"), action: t("app.delete"), danger: true, run: () => drop.mutateAsync(row.id).then(() => toast.done(t("app.deleted"))) });
  const columns: Column<DashboardItem>[] = [
    { key: "name", title: t("app.name"), sort: (row) => row.name, cell: (row) => <div className="cell-title"><Link to={paths.dashboard(row.id)}>{row.name}</Link>{row.description && <span>{row.description}</span>}</div> },
    { key: "tiles", title: t("dashboards.tiles"), align: "end", sort: (row) => row.tiles, cell: (row) => <Num value={row.tiles} /> },
    { key: "updated", title: t("analyses.updated"), wideOnly: true, sort: (row) => row.updated_at, cell: (row) => <Ago at={row.updated_at} /> },
  ];
  if (writes) columns.push({ key: "delete", title: "", width: 48, cell: (row) => <IconButton label={t("app.delete")} icon={<Trash2 size={14} />} onClick={() => askRemove(row)} /> });
  const action = writes && <Button type="primary" onClick={make}>{t("dashboards.new")}</Button>;
  return (
    <Page title={t("nav.dashboards")} description={t("dashboards.help")} primary={action}>
      <ListTable
        label={t("nav.dashboards")}
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={(row) => go(paths.dashboard(row.id))}
        empty={<Empty icon={<LayoutDashboard size={28} strokeWidth={1.5} />} title={t("dashboards.empty")} action={writes ? <Button type="primary" onClick={make}>{t("dashboards.new")}</Button> : undefined}>{t("dashboards.empty_text")}</Empty>}
      />
    </Page>
  );
}
