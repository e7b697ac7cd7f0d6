/** What orders that name an item come to: how many, by how many people, when. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Condition, ItemSales } from "../../api/types";
import { Link, useGo } from "../../app/router";
import { Area } from "../../chart";
import { paths, type Search } from "../../paths";
import { Ago, Loaded, Money, Num, Panel, Segmented, Stat, TextButton, useFormats } from "../../ui";

const PERIODS = [30, 90, 365] as const;
/** The filter of the list of orders that a property has. */
const LISTED: Record<string, keyof Search> = { item_id: "item", store_id: "store", staff_id: "staff" };

export function SalesPanel({ type, id, property }: { type: string; id: string; property: string }) {
  const { t } = useTranslation();
  const go = useGo();
  const [days, setDays] = useState<(typeof PERIODS)[number]>(90);
  const path = `/items/${encodeURIComponent(type)}/${encodeURIComponent(id)}/sales`;
  const query = useQuery({ queryKey: ["/items", type, id, "sales", days], queryFn: ({ signal }) => get<ItemSales>(path, { query: { days }, signal }), placeholderData: (before) => before });
  const who: Condition = { kind: "all", of: [{ kind: "order", filters: [{ property, test: { op: "is", values: [id] } }], window: { kind: "last_days", days }, measure: { kind: "count" }, compare: "at_least", value: 1 }] };
  const listed = LISTED[property];
  const extra = (
    <div className="row">
      <TextButton onClick={() => go(paths.newSegment, { condition: who })}>{t("items.who")}</TextButton>
      {listed && <Link to={paths.orders} search={{ [listed]: id }}>{t("items.see_orders")}</Link>}
      <Segmented value={days} options={PERIODS.map((value) => ({ value, label: t(`items.days_${value}`) }))} onChange={(value) => setDays(value)} aria-label={t("items.sales")} />
    </div>
  );
  return (
    <Panel title={t("items.sales")} help={t("items.sales_help")} extra={extra}>
      <Loaded query={query}>{(sales) => (sales.orders + sales.refunded_orders === 0 ? <p className="help">{t("items.no_sales")}</p> : <Sales sales={sales} />)}</Loaded>
    </Panel>
  );
}

function Sales({ sales }: { sales: ItemSales }) {
  const { t } = useTranslation();
  const format = useFormats();
  return (
    <>
      <div className="stats">
        <Stat label={t("items.orders")} note={sales.refunded_orders > 0 ? <>{t("items.refunded_orders")} <Num value={sales.refunded_orders} /></> : undefined}><Num value={sales.orders} /></Stat>
        <Stat label={t("items.people")}><Num value={sales.people} /></Stat>
        {sales.lines && <Stat label={t("items.quantity")}><Num value={sales.lines.quantity} /></Stat>}
        {sales.lines && <Stat label={t("items.lines")}><Money minor={sales.lines.amount_minor} /></Stat>}
        <Stat label={t("items.net")}><Money minor={sales.net_minor} /></Stat>
        {sales.last_order && <Stat label={t("items.last_order")}><Ago at={sales.last_order} /></Stat>}
      </div>
      <Area label={t("items.orders")} height={120} points={sales.days.map((day) => ({ label: day.day, value: day.orders, text: `${format.number(day.orders)} · ${format.money(day.net_minor)}` }))} />
    </>
  );
}
