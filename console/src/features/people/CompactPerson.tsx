/** A person for a phone or a sidebar beside a chat: what a colleague needs to know, and a place to write it down. */
import { useQuery } from "@tanstack/react-query";
import { Maximize2 } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Order, Page, Person, TimelineItem } from "../../api/types";
import { personTitle, useNames } from "../../app/names";
import { usePageSearch } from "../../app/router";
import { Ago, IconButton, Loaded, Money, Num } from "../../ui";
import { RelationsPanel } from "../relations/RelationsPanel";
import { NotesPanel } from "./NotesPanel";
import { useOrderText } from "../orders/orders";
import { Advice } from "./Advice";
import { Mark, Stage } from "./PersonHead";
import { Section } from "./Section";
import { TagsPanel } from "./TagsPanel";
import { TimelineDays } from "./TimelineDays";

const ORDERS_SHOWN = 3;
const ENTRIES_SHOWN = 10;

export function CompactPerson({ person }: { person: Person }) {
  const { t } = useTranslation();
  const names = useNames();
  const [, setSearch] = usePageSearch();
  const title = personTitle(person);
  useEffect(() => {
    document.title = `${title} · siyu`;
  }, [title]);
  const { value, stats } = person;
  return (
    <main className="compact-person">
      <header className="compact-head">
        <Mark person={person} />
        <div className="grow">
          <h1 className="ellipsis">{title}</h1>
          <p className="small muted ellipsis">{person.identifiers.filter((id) => id.namespace !== "device" && id.value !== title).map((id) => id.value).join(" · ") || `#${person.person}`}</p>
        </div>
        <IconButton label={t("people.full_view")} icon={<Maximize2 size={15} />} onClick={() => setSearch({ view: undefined })} />
      </header>
      <div className="row row-tight">
        {person.lifecycle && <Stage lifecycle={person.lifecycle} />}
        {person.tags.filter((tag) => tag.rfm).map((tag) => <span key={tag.id} className="label tone-brand">{names.tagValue(tag.value)}</span>)}
        {stats.last_seen && <span className="small muted">{t("people.last_seen")} <Ago at={stats.last_seen} /></span>}
      </div>
      <dl className="compact-value">
        <div><dt>{t("people.net")}</dt><dd><Money minor={value.net_minor} compact /></dd></div>
        <div><dt>{t("people.orders")}</dt><dd><Num value={value.orders} compact /></dd></div>
        <div><dt>{t("people.average")}</dt><dd><Money minor={value.average_minor} compact /></dd></div>
      </dl>
      <Advice person={person} />
      <NotesPanel person={person} />
      <LastOrders person={person.person} />
      <TagsPanel person={person} />
      <RelationsPanel person={person} compact />
      <LastEntries person={person.person} />
    </main>
  );
}

function LastOrders({ person }: { person: number }) {
  const { t } = useTranslation();
  const text = useOrderText();
  const path = `/people/${person}/orders`;
  const query = useQuery({ queryKey: [path, "last"], queryFn: ({ signal }) => get<Page<Order>>(path, { query: { limit: ORDERS_SHOWN }, signal }) });
  if (query.data?.items.length === 0) return null;
  return (
    <Section title={t("people.last_orders")}>
      <Loaded query={query} rows={3}>
        {({ items }) => (
          <ul className="compact-orders">
            {items.map((order) => (
              <li key={`${order.order_id}:${order.at}`}>
                <span className="ellipsis">{text(order)}</span>
                <strong><Money minor={order.net_minor} /></strong>
                <span className="small muted"><Ago at={order.at} />{order.state !== "paid" && ` · ${t(`orders.states.${order.state}`)}`}</span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Section>
  );
}

function LastEntries({ person }: { person: number }) {
  const { t } = useTranslation();
  const path = `/people/${person}/timeline`;
  const query = useQuery({ queryKey: [path, "last"], queryFn: ({ signal }) => get<Page<TimelineItem>>(path, { query: { limit: ENTRIES_SHOWN }, signal }) });
  return (
    <Section title={t("people.last_entries")}>
      <Loaded query={query} rows={4}>{({ items }) => (items.length === 0 ? <p className="help">{t("people.no_events")}</p> : <TimelineDays person={person} items={items} />)}</Loaded>
    </Section>
  );
}
