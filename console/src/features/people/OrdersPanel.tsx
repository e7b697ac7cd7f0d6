/** What a person bought, order by order. */
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { Order } from "../../api/types";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { DateTime, Label, Money } from "../../ui";
import { OrderLines, OrderStatus, useOrderText } from "../orders/orders";

export function OrdersPanel({ person }: { person: number }) {
  const { t } = useTranslation();
  const text = useOrderText();
  const list = useList<Order>(`/people/${person}/orders`);
  const columns: Column<Order>[] = [
    { key: "what", title: t("orders.order"), cell: (row) => <div className="cell-title"><strong>{text(row)}</strong>{row.order_id !== "" && <Link to={paths.order(row.order_id)} search={{ person: row.person }}>{row.order_id}</Link>}</div> },
    { key: "at", title: t("data.time"), cell: (row) => <DateTime at={row.at} /> },
    { key: "state", title: t("data.state"), cell: (row) => <OrderStatus state={row.state} /> },
    { key: "paid", title: t("people.paid"), align: "end", wideOnly: true, cell: (row) => <Money minor={row.paid_minor} /> },
    { key: "refunded", title: t("people.refunded"), align: "end", wideOnly: true, cell: (row) => (row.refunded_minor > 0 ? <Money minor={row.refunded_minor} /> : <span className="muted">–</span>) },
    { key: "net", title: t("people.net"), align: "end", cell: (row) => <strong><Money minor={row.net_minor} /></strong> },
    { key: "source", title: t("data.source"), wideOnly: true, cell: (row) => <Label>{row.source}</Label> },
  ];
  return <ListTable label={t("people.orders")} list={list} columns={columns} rowKey={(row) => `${row.order_id}:${row.at}`} expand={(row) => <OrderLines order={row} />} empty={<p className="help">{t("people.no_orders")}</p>} />;
}
