/** One order: its lines, payments and refunds, and whose it is. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Order } from "../../api/types";
import { Link, useGo, usePageSearch } from "../../app/router";
import { paths } from "../../paths";
import { DataTable, type Column } from "../../table";
import { DateTime, Label, Loaded, Money, Page, Panel, Stat } from "../../ui";
import { OrderLines, OrderStatus } from "./orders";

export default function OrderPage() {
  const { t } = useTranslation();
  const go = useGo();
  const { id = "" }: { id?: string } = useParams({ strict: false });
  const [{ person }] = usePageSearch();
  const query = useQuery({
    queryKey: ["/orders", id, person],
    queryFn: ({ signal }) => get<Order>(`/orders/${encodeURIComponent(id)}`, { query: { person }, signal }),
  });
  return (
    <Page title={id} status={query.data && <OrderStatus state={query.data.state} />} back={{ label: t("nav.orders"), onClick: () => go(paths.orders) }}>
      <Loaded query={query}>{(order) => <Body order={order} />}</Loaded>
    </Page>
  );
}

function Body({ order }: { order: Order }) {
  const { t } = useTranslation();
  return (
    <>
      {order.state === "unknown" && <div className="note tone-warning"><p>{t("orders.unknown_text")}</p></div>}
      <div className="stats">
        <Stat label={t("orders.net")} note={t("orders.net_help")}><Money minor={order.net_minor} /></Stat>
        <Stat label={t("orders.paid")}><Money minor={order.paid_minor} /></Stat>
        <Stat label={t("orders.refunded")}><Money minor={order.refunded_minor} /></Stat>
        <Stat label={t("orders.person")}><Link to={paths.person(order.person)}>{order.person_name || `#${order.person}`}</Link></Stat>
      </div>
      <Panel title={t("orders.details")}>
        <dl className="pairs">
          {order.placed_at && <><dt>{t("orders.placed_at")}</dt><dd><DateTime at={order.placed_at} /></dd></>}
          <dt>{t("orders.time")}</dt><dd><DateTime at={order.at} /></dd>
          {order.store && <><dt>{t("orders.store")}</dt><dd><Link to={paths.item("store", order.store.id)}>{order.store.name || order.store.id}</Link></dd></>}
          {order.staff && <><dt>{t("orders.staff")}</dt><dd><Link to={paths.item("staff", order.staff.id)}>{order.staff.name || order.staff.id}</Link></dd></>}
          {order.channel !== "" && <><dt>{t("orders.channel")}</dt><dd><Label>{order.channel}</Label></dd></>}
          <dt>{t("orders.source")}</dt><dd><Label>{order.source}</Label></dd>
        </dl>
      </Panel>
      <Panel title={t("orders.lines")} flush={order.lines.length > 0}><OrderLines order={order} /></Panel>
      <div className="halves">
        <Panel title={t("orders.payments")} flush={order.payments.length > 0}><Payments order={order} /></Panel>
        <Panel title={t("orders.refunds")} flush={order.refunds.length > 0}><Refunds order={order} /></Panel>
      </div>
    </>
  );
}

type Payment = Order["payments"][number];

function Payments({ order }: { order: Order }) {
  const { t } = useTranslation();
  if (order.payments.length === 0) return <p className="help">{t("orders.no_payments")}</p>;
  const columns: Column<Payment>[] = [
    { key: "payment", title: t("orders.payment"), cell: (row) => <div className="cell-title"><span className="num">{row.payment_id || "–"}</span>{row.method !== "" && <span>{row.method}</span>}</div> },
    { key: "at", title: t("data.time"), cell: (row) => <DateTime at={row.at} /> },
    { key: "amount", title: t("orders.amount"), align: "end", cell: (row) => <Money minor={row.amount_minor} /> },
  ];
  return <DataTable label={t("orders.payments")} rows={order.payments} columns={columns} rowKey={(row) => `${order.payments.indexOf(row)}`} />;
}

type Refund = Order["refunds"][number];

function Refunds({ order }: { order: Order }) {
  const { t } = useTranslation();
  if (order.refunds.length === 0) return <p className="help">{t("orders.no_refunds")}</p>;
  const named = (row: Refund) => order.lines.find((line) => (row.line_id === "" ? line.item_id === row.item_id : line.line_id === row.line_id))?.name;
  const columns: Column<Refund>[] = [
    { key: "refund", title: t("orders.refund"), cell: (row) => <div className="cell-title"><span className="num">{row.refund_id || "–"}</span>{row.reason !== "" && <span>{row.reason}</span>}</div> },
    { key: "for", title: t("orders.for_item"), cell: (row) => (row.item_id === "" && row.line_id === "" ? <span className="muted">{t("orders.whole_order")}</span> : named(row) || row.item_id || row.line_id) },
    { key: "at", title: t("data.time"), wideOnly: true, cell: (row) => <DateTime at={row.at} /> },
    { key: "amount", title: t("orders.amount"), align: "end", cell: (row) => <Money minor={row.amount_minor} /> },
  ];
  return <DataTable label={t("orders.refunds")} rows={order.refunds} columns={columns} rowKey={(row) => `${order.refunds.indexOf(row)}`} />;
}
