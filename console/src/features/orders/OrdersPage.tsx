/** All orders of the project: which, what they come to, and one by one. */
import { useQuery } from "@tanstack/react-query";
import { ReceiptText } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import { useList } from "../../api/query";
import type { Order, OrderStanding, OrderTotals } from "../../api/types";
import { Link, useGo, usePageSearch } from "../../app/router";
import { useSession } from "../../app/session";
import { Area } from "../../chart";
import { paths, type Search } from "../../paths";
import { ListTable, type Column } from "../../table";
import { DateTime, Empty, FilteredEmpty, Input, Label, Loaded, Money, Num, Page, Panel, Pick, Stat, useFormats } from "../../ui";
import { OrderLines, OrderStatus, STATES, useOrderText } from "./orders";

const TYPING_MILLIS = 250;
const FIELDS = ["query", "store", "channel", "item"] as const;
type Field = (typeof FIELDS)[number];

function queryOf(search: Search) {
  return { from: search.since, to: search.until, state: search.state, store: search.store, channel: search.channel, staff: search.staff, item: search.item, query: search.query };
}

export default function OrdersPage() {
  const { t } = useTranslation();
  const go = useGo();
  const text = useOrderText();
  const [search, setSearch] = usePageSearch();
  // A new row of filters, so that what was typed goes too.
  const [cleared, setCleared] = useState(0);
  const query = queryOf(search);
  const filtered = Object.values(query).some((value) => value !== undefined);
  const list = useList<Order>("/orders", query);
  const columns: Column<Order>[] = [
    {
      key: "order",
      title: t("orders.order"),
      cell: (row) => (
        <div className="cell-title">
          {row.order_id === "" ? <strong>{text(row)}</strong> : <Link to={paths.order(row.order_id)} search={{ person: row.person }}>{text(row)}</Link>}
          <span className="num">{row.order_id || t("orders.no_number")}</span>
        </div>
      ),
    },
    { key: "person", title: t("orders.person"), wideOnly: true, cell: (row) => <Link to={paths.person(row.person)}>{row.person_name || `#${row.person}`}</Link> },
    { key: "at", title: t("orders.time"), cell: (row) => <DateTime at={row.at} /> },
    { key: "state", title: t("orders.state"), cell: (row) => <OrderStatus state={row.state} /> },
    { key: "store", title: t("orders.store"), wideOnly: true, cell: (row) => (row.store ? <Link to={paths.item("store", row.store.id)}>{row.store.name || row.store.id}</Link> : <span className="muted">–</span>) },
    { key: "channel", title: t("orders.channel"), wideOnly: true, cell: (row) => (row.channel === "" ? <span className="muted">–</span> : <Label>{row.channel}</Label>) },
    { key: "refunded", title: t("orders.refunded"), align: "end", wideOnly: true, cell: (row) => (row.refunded_minor > 0 ? <Money minor={row.refunded_minor} /> : <span className="muted">–</span>) },
    { key: "net", title: t("orders.net"), align: "end", cell: (row) => <strong><Money minor={row.net_minor} /></strong> },
  ];
  const clear = () => {
    setCleared(cleared + 1);
    setSearch({ since: undefined, until: undefined, state: undefined, store: undefined, channel: undefined, staff: undefined, item: undefined, query: undefined });
  };
  return (
    <Page title={t("nav.orders")} description={t("orders.help")} status={list.total !== null && <span className="muted"><Num value={list.total} /></span>}>
      <Totals query={query} />
      <ListTable
        id="orders"
        label={t("nav.orders")}
        list={list}
        columns={columns}
        rowKey={(row) => `${row.person}:${row.order_id}:${row.at}`}
        onOpen={(row) => (row.order_id === "" ? go(paths.person(row.person)) : go(paths.order(row.order_id), { person: row.person }))}
        expand={(row) => <OrderLines order={row} />}
        toolbar={<Filters key={cleared} search={search} setSearch={setSearch} />}
        empty={filtered ? <FilteredEmpty onClear={clear} /> : <Empty icon={<ReceiptText size={28} strokeWidth={1.5} />} title={t("orders.empty")} action={<Link to={paths.newImport}>{t("palette.new_import")}</Link>}>{t("orders.empty_text")}</Empty>}
      />
    </Page>
  );
}

function Filters({ search, setSearch }: { search: Search; setSearch: (change: Partial<Search>) => void }) {
  const { t } = useTranslation();
  const labels: Record<Field, string> = { query: t("orders.search"), store: t("orders.store_filter"), channel: t("orders.channel_filter"), item: t("orders.item_filter") };
  return (
    <>
      <Input type="date" style={{ width: 150 }} aria-label={t("condition.from")} value={search.since ?? ""} max={search.until} onChange={(event) => setSearch({ since: event.target.value || undefined })} />
      <Input type="date" style={{ width: 150 }} aria-label={t("condition.to")} value={search.until ?? ""} min={search.since} onChange={(event) => setSearch({ until: event.target.value || undefined })} />
      <Pick allowClear style={{ minWidth: 120 }} placeholder={t("orders.any_state")} aria-label={t("orders.state")} options={STATES.map((state) => ({ value: state, label: t(`orders.states.${state}`) }))} value={(search.state as OrderStanding | undefined) ?? null} onChange={(state: OrderStanding | undefined) => setSearch({ state })} />
      {FIELDS.map((field) => <TypedFilter key={field} label={labels[field]} value={search[field]} onChange={(value) => setSearch({ [field]: value })} />)}
      {search.staff !== undefined && <TypedFilter label={t("orders.staff_filter")} value={search.staff} onChange={(staff) => setSearch({ staff })} />}
    </>
  );
}

/** Asks after a pause in typing. */
function TypedFilter({ label, value, onChange }: { label: string; value?: string; onChange: (value: string | undefined) => void }) {
  const [text, setText] = useState(value ?? "");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const type = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(next.trim() || undefined), TYPING_MILLIS);
  };
  return <Input allowClear style={{ width: 150 }} placeholder={label} aria-label={label} value={text} onChange={(event) => type(event.target.value)} />;
}

function Totals({ query }: { query: ReturnType<typeof queryOf> }) {
  const { t } = useTranslation();
  const format = useFormats();
  const { may } = useSession();
  const totals = useQuery({
    queryKey: ["/orders/totals", query],
    queryFn: ({ signal }) => get<OrderTotals>("/orders/totals", { query, signal }),
    placeholderData: (before) => before,
    enabled: may("analyses.run"),
  });
  if (!may("analyses.run")) return null;
  return (
    <Loaded query={totals}>
      {(found) => (
        <>
          <div className="stats">
            <Stat label={t("orders.net")} note={t("orders.net_help")}><Money minor={found.net_minor} /></Stat>
            <Stat label={t("orders.orders")} note={found.refunded_orders > 0 ? t("orders.refunded_note", { count: found.refunded_orders }) : undefined}><Num value={found.orders} /></Stat>
            <Stat label={t("orders.buyers")}><Num value={found.people} /></Stat>
            <Stat label={t("orders.average")}><Money minor={found.average_minor} /></Stat>
            <Stat label={t("orders.refunded")}><Money minor={found.refunded_minor} /></Stat>
          </div>
          {found.days.length > 1 && found.orders > 0 && (
            <Panel title={t("orders.net")}>
              <Area label={t("orders.net")} height={120} points={found.days.map((day) => ({ label: day.day, value: Math.max(0, day.net_minor), text: format.money(day.net_minor) }))} />
            </Panel>
          )}
        </>
      )}
    </Loaded>
  );
}
