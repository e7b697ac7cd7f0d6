/** Looks, newest first. */
import { useTranslation } from "react-i18next";
import type { ListResult } from "../../api/query";
import type { Look } from "../../api/types";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { DateTime, Empty, Label } from "../../ui";
import { exportOf, usePersonalNames } from "./personal";
import "./personal.css";

/** What was exported, and a way to its place in the register. */
function ExportDetail({ detail }: { detail: string }) {
  const { code, title } = exportOf(detail);
  return <>{title} <Link to={paths.personal} search={{ tab: "exports", query: code }}><code>{code}</code></Link></>;
}

interface Props {
  list: ListResult<Look>;
  label: string;
  /** Whom it was about is known from the page around. */
  of: "person" | "viewer";
  empty: string;
}

export function LooksTable({ list, label, of, empty }: Props) {
  const { t } = useTranslation();
  const names = usePersonalNames();
  const columns: Column<Look>[] = [
    { key: "at", title: t("data.time"), cell: (row) => <DateTime at={row.at} /> },
    {
      key: "what",
      title: t("personal.what"),
      cell: (row) => (
        <span className="row row-tight">
          {row.what === "revealed" || row.what === "exported" ? <Label tone="warning">{t(`personal.whats.${row.what}`)}</Label> : t(`personal.whats.${row.what}`)}
          {row.clear && <Label>{t("personal.in_clear")}</Label>}
        </span>
      ),
    },
    { key: "detail", title: t("personal.detail"), cell: (row) => <div className="look-detail">{row.what === "exported" ? <ExportDetail detail={row.detail} /> : names.detail(row)}{row.times > 1 && <span className="muted"> · {t("personal.times", { count: row.times })}</span>}{row.reason && <p className="help">{t("personal.reason")} · {row.reason}</p>}</div> },
  ];
  if (of === "person") {
    columns.splice(1, 0, { key: "viewer", title: t("personal.viewer"), cell: (row) => <Link to={paths.personalViewer} search={{ actor: row.actor }}>{row.actor_name || row.actor}</Link> });
  } else {
    columns.splice(1, 0, { key: "whom", title: t("personal.whom"), cell: (row) => (row.person === null || row.person === undefined ? <span className="one-line">{t("personal.several", { count: row.people })}</span> : <Link to={paths.person(row.person)}>#{row.person}</Link>) });
  }
  return <ListTable label={label} list={list} columns={columns} rowKey={(row) => row.id} empty={<Empty title={empty} />} />;
}
