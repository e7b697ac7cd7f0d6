/** What orders look like wherever they are shown. */
import { useTranslation } from "react-i18next";
import type { Order, OrderStanding } from "../../api/types";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { DataTable, type Column } from "../../table";
import { Money, Num, Status, type Tone } from "../../ui";

export const STATES: OrderStanding[] = ["placed", "paid", "partly_refunded", "refunded", "cancelled", "closed", "unknown"];

const STATE_TONES: Record<OrderStanding, Tone> = {
  placed: "info",
  paid: "success",
  partly_refunded: "warning",
  refunded: "neutral",
  cancelled: "neutral",
  closed: "neutral",
  unknown: "neutral",
};

export function OrderStatus({ state }: { state: OrderStanding }) {
  const { t } = useTranslation();
  return <Status tone={STATE_TONES[state]}>{t(`orders.states.${state}`)}</Status>;
}

/** What an order was about, in one line. */
export function useOrderText(): (order: Order) => string {
  const { t } = useTranslation();
  return (order) => {
    const [first, ...rest] = order.lines.map((line) => line.name || line.item_id).filter((name) => name !== "");
    if (!first) return order.order_id || t("orders.no_number");
    return rest.length > 0 ? t("orders.more_items", { first, count: rest.length }) : first;
  };
}

type Line = Order["lines"][number];

export function OrderLines({ order }: { order: Order }) {
  const { t } = useTranslation();
  if (order.lines.length === 0) return <p className="help">{t("orders.no_lines")}</p>;
  const name = (line: Line) => line.name || line.item_id || "–";
  const columns: Column<Line>[] = [
    {
      key: "item",
      title: t("orders.item"),
      cell: (line) => (
        <div className="cell-title">
          {line.item_id === "" ? <strong>{name(line)}</strong> : <Link to={paths.item(line.item_type ?? "product", line.item_id)}>{name(line)}</Link>}
          {line.name && <span className="num">{line.item_id}</span>}
        </div>
      ),
    },
    { key: "quantity", title: t("orders.quantity"), align: "end", cell: (line) => <Num value={line.quantity} /> },
    { key: "amount", title: t("orders.amount"), align: "end", cell: (line) => <Money minor={line.amount_minor} /> },
    { key: "refunded", title: t("orders.line_refunded"), align: "end", cell: (line) => (line.refunded_minor > 0 ? <Money minor={line.refunded_minor} /> : <span className="muted">–</span>) },
  ];
  return <DataTable label={t("orders.lines")} rows={order.lines} columns={columns} rowKey={(line) => `${order.lines.indexOf(line)}`} />;
}
