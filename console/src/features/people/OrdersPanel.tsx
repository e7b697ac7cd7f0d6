/** What a person bought, order by order. */
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { PersonOrder } from "../../api/types";
import { DataTable, ListTable, type Column } from "../../table";
import { DateTime, Label, Money, Num, Status, type Tone } from "../../ui";

const STATE_TONES: Record<PersonOrder["state"], Tone> = { paid: "success", partly_refunded: "warning", refunded: "neutral", unknown: "neutral" };

/** What an order was about, in one line. */
export function useOrderText(): (order: PersonOrder) => string {
  const { t } = useTranslation();
  return (order) => {
    const [first, ...rest] = order.lines.map((line) => line.name || line.item_id).filter((name) => name !== "");
    if (!first) return order.order_id || t("people.order_no_number");
    return rest.length > 0 ? t("people.order_items", { first, count: rest.length }) : first;
  };
}

export function OrdersPanel({ person }: { person: number }) {
  const { t } = useTranslation();
  const text = useOrderText();
  const list = useList<PersonOrder>(`/people/${person}/orders`);
  const columns: Column<PersonOrder>[] = [
    { key: "what", title: t("people.order"), cell: (row) => <div className="cell-title"><strong>{text(row)}</strong><span className="num">{row.order_id}</span></div> },
    { key: "at", title: t("data.time"), cell: (row) => <DateTime at={row.at} /> },
    { key: "state", title: t("data.state"), cell: (row) => <Status tone={STATE_TONES[row.state]}>{t(`people.order_states.${row.state}`)}</Status> },
    { key: "paid", title: t("people.paid"), align: "end", wideOnly: true, cell: (row) => <Money minor={row.paid_minor} /> },
    { key: "refunded", title: t("people.refunded"), align: "end", wideOnly: true, cell: (row) => (row.refunded_minor > 0 ? <Money minor={row.refunded_minor} /> : <span className="muted">–</span>) },
    { key: "net", title: t("people.net"), align: "end", cell: (row) => <strong><Money minor={row.net_minor} /></strong> },
    { key: "source", title: t("data.source"), wideOnly: true, cell: (row) => <Label>{row.source}</Label> },
  ];
  return <ListTable label={t("people.orders")} list={list} columns={columns} rowKey={(row) => `${row.order_id}:${row.at}`} expand={(row) => <Lines order={row} />} empty={<p className="help">{t("people.no_orders")}</p>} />;
}

type Line = PersonOrder["lines"][number];

function Lines({ order }: { order: PersonOrder }) {
  const { t } = useTranslation();
  if (order.lines.length === 0) return <p className="help">{t("people.no_lines")}</p>;
  const columns: Column<Line>[] = [
    { key: "item", title: t("people.item"), cell: (line) => <div className="cell-title"><strong>{line.name || line.item_id || "–"}</strong>{line.name && <span className="num">{line.item_id}</span>}</div> },
    { key: "quantity", title: t("people.quantity"), align: "end", cell: (line) => <Num value={line.quantity} /> },
    { key: "amount", title: t("people.amount"), align: "end", cell: (line) => <Money minor={line.amount_minor} /> },
  ];
  return <DataTable label={t("people.lines")} rows={order.lines} columns={columns} rowKey={(line) => `${order.lines.indexOf(line)}`} />;
}
