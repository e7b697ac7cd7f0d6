/** Everything a person did, newest first, by day. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Page, PersonEvent } from "../../api/types";
import { useNames } from "../../app/names";
import { Button, Loaded, Pick, useFormats } from "../../ui";
import { EventDetail, PropsLine } from "../data/EventDetail";

const PAGE_EVENTS = 100;

export function Timeline({ person }: { person: number }) {
  const { t } = useTranslation();
  const names = useNames();
  const [event, setEvent] = useState<string | undefined>();
  const list = useInfiniteQuery({
    queryKey: ["/people", person, "events"],
    queryFn: ({ pageParam, signal }) => get<Page<PersonEvent>>(`/people/${person}/events`, { query: { before: pageParam, limit: PAGE_EVENTS }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? null,
  });
  const all = list.data?.pages.flatMap((page) => page.items);
  const kinds = [...new Set(all?.map((item) => item.event))];
  return (
    <Loaded query={{ ...list, data: all }} rows={8}>
      {(items) =>
        items.length === 0 ? (
          <p className="help">{t("people.no_events")}</p>
        ) : (
          <div className="stack">
            <Pick
              allowClear
              style={{ width: 200 }}
              placeholder={t("data.any_event")}
              aria-label={t("data.event")}
              options={kinds.map((kind) => ({ value: kind, label: names.event(kind), keywords: kind }))}
              value={event}
              onChange={(next: string | undefined) => setEvent(next)}
            />
            <Days events={event === undefined ? items : items.filter((item) => item.event === event)} />
            {list.hasNextPage && <div><Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("table.more")}</Button></div>}
          </div>
        )
      }
    </Loaded>
  );
}

function Days({ events }: { events: PersonEvent[] }) {
  const format = useFormats();
  const days = byDay(events, format.date);
  return (
    <div className="timeline">
      {[...days].map(([day, items]) => (
        <section key={day}>
          <h3 className="num">{day}</h3>
          <ul>{items.map((item) => <TimelineItem key={`${item.time}:${item.seq}`} event={item} />)}</ul>
        </section>
      ))}
    </div>
  );
}

function TimelineItem({ event }: { event: PersonEvent }) {
  const names = useNames();
  const format = useFormats();
  const [open, setOpen] = useState(false);
  return (
    <li className={event.event.startsWith("order_") ? "timeline-order" : event.event.startsWith("message_") ? "timeline-message" : undefined}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <time className="num muted">{format.time(event.time)}</time>
        <span className="strong">{names.event(event.event)}</span>
        <PropsLine props={event.props} />
      </button>
      {open && <EventDetail props={event.props} />}
    </li>
  );
}

function byDay(events: PersonEvent[], dayOf: (at: string) => string): Map<string, PersonEvent[]> {
  const days = new Map<string, PersonEvent[]>();
  for (const event of events) {
    const day = dayOf(event.time);
    const items = days.get(day);
    if (items) items.push(event);
    else days.set(day, [event]);
  }
  return days;
}
