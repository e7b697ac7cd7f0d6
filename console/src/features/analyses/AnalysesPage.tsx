/** Saved analyses. */
import { ChartLine, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { remove } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { Analysis } from "../../api/types";
import { useNames } from "../../app/names";
import { Link, useGo } from "../../app/router";
import { useSession } from "../../app/session";
import { rangeText } from "../../condition";
import { paths, type Search } from "../../paths";
import { ListTable, type Column } from "../../table";
import { between, eventsOf } from "./questions";
import { Ago, Button, Empty, IconButton, Label, Page, useConfirm, useFormats, useToast } from "../../ui";

function pathOf(row: Analysis): string {
  return paths[row.query.kind];
}

/** The whole question, with as of when people are told apart. */
function searchOf(row: Analysis): Search {
  return { q: row.query, saved: row.id, as_of: row.identity_as_of ?? undefined };
}

export default function AnalysesPage() {
  const { t } = useTranslation();
  const go = useGo();
  const names = useNames();
  const format = useFormats();
  const toast = useToast();
  const confirm = useConfirm();
  const { may } = useSession();
  const list = useList<Analysis>("/analyses");
  const drop = useWrite((id: number) => remove(`/analyses/${id}`), ["/analyses"]);
  const open = (row: Analysis) => go(pathOf(row), searchOf(row));
  const events = ({ query }: Analysis) => eventsOf(query.kind, query).map((item) => names.event(item.event)).join(between(query.kind));
  const ask = (row: Analysis) =>
    confirm({ title: t("analyses.delete_title", { name: row.name }), content: t("analyses.delete_text"), action: t("app.delete"), danger: true, run: () => drop.mutateAsync(row.id).then(() => toast.done(t("app.deleted"))) });
  const columns: Column<Analysis>[] = [
    { key: "name", title: t("app.name"), sort: (row) => row.name, cell: (row) => <div className="cell-title"><Link to={pathOf(row)} search={searchOf(row)}>{row.name}</Link><span>{row.description || events(row)}</span></div> },
    { key: "kind", title: t("tags.kind"), cell: (row) => <Label>{t(`nav.${row.query.kind}`)}</Label> },
    { key: "range", title: t("condition.slot_window"), wideOnly: true, cell: (row) => <span className="muted">{rangeText(row.query.range, t)}{row.identity_as_of && ` · ${t("identity.as_of.chip_then", { time: format.dateTime(row.identity_as_of) })}`}</span> },
    { key: "updated", title: t("analyses.updated"), wideOnly: true, cell: (row) => <Ago at={row.updated_at} /> },
  ];
  if (may("analyses.write")) columns.push({ key: "delete", title: "", width: 48, cell: (row) => <IconButton label={t("app.delete")} icon={<Trash2 size={14} />} onClick={() => ask(row)} /> });
  const actions = (
    <div className="row">
      <Button onClick={() => go(paths.funnel)}>{t("analyses.new_funnel")}</Button>
      <Button type="primary" onClick={() => go(paths.trend)}>{t("analyses.new_trend")}</Button>
    </div>
  );
  return (
    <Page title={t("nav.saved")} description={t("analyses.help")} primary={actions}>
      <ListTable
        label={t("nav.analyses")}
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={open}
        empty={<Empty icon={<ChartLine size={28} strokeWidth={1.5} />} title={t("analyses.empty")} action={actions}>{t("analyses.empty_text")}</Empty>}
      />
    </Page>
  );
}
