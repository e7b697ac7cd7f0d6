/** "Why is my event not here?": what became of a record, stage by stage. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Route } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Trace, TraceAnswer } from "../../api/types";
import { Link, usePageSearch } from "../../app/router";
import { paths } from "../../paths";
import { Button, DateTime, Empty, Input, Label, Loaded, Page, Panel, Segmented, Status, useFormats } from "../../ui";
import { EventDetail } from "../data/EventDetail";
import { useQualityWords } from "./quality";
import "./quality.css";
import { Stages, verdictOf } from "./Stages";

type By = "identifier" | "message";

export default function TracePage() {
  const { t } = useTranslation();
  const [search, setSearch] = usePageSearch();
  const [by, setBy] = useState<By>(search.message ? "message" : "identifier");
  const [text, setText] = useState(search.message ?? search.identifier ?? "");
  const wanted = { identifier: search.identifier, message: search.message };
  const asked = wanted.identifier !== undefined || wanted.message !== undefined;
  const go = () => {
    const value = text.trim() || undefined;
    setSearch({ identifier: by === "identifier" ? value : undefined, message: by === "message" ? value : undefined });
  };
  return (
    <Page title={t("nav.trace")} description={t("quality.trace_help")}>
      <Panel>
        <form className="trace-search" onSubmit={(event) => { event.preventDefault(); go(); }}>
          <Segmented value={by} onChange={setBy} options={[{ value: "identifier", label: t("quality.by_identifier") }, { value: "message", label: t("quality.by_message") }]} />
          <Input aria-label={t(`quality.by_${by}`)} placeholder={t(`quality.by_${by}_example`)} value={text} onChange={(event) => setText(event.target.value)} allowClear />
          <Button type="primary" htmlType="submit" disabled={!text.trim()}>{t("quality.look")}</Button>
        </form>
      </Panel>
      {asked ? <Answer wanted={wanted} /> : <Empty icon={<Route size={28} strokeWidth={1.5} />} title={t("quality.trace_empty")}>{t("quality.trace_empty_text")}</Empty>}
    </Page>
  );
}

function Answer({ wanted }: { wanted: { identifier?: string; message?: string } }) {
  const { t } = useTranslation();
  const query = useInfiniteQuery({
    queryKey: ["/quality/trace", wanted],
    queryFn: ({ pageParam, signal }) => get<TraceAnswer>("/quality/trace", { query: { ...wanted, before: pageParam }, signal }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.more ?? null,
  });
  return (
    <Loaded query={query} rows={6}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        const person = pages[0]?.person;
        return (
          <>
            <div className="spread">
              <Reach pages={pages} found={items.length} />
              {typeof person === "number" && <Link to={paths.person(person)}>{t("quality.see_person")}</Link>}
            </div>
            {items.length === 0 && <Empty icon={<Route size={28} strokeWidth={1.5} />} title={t("quality.nothing_found")}>{t("quality.nothing_found_text")}</Empty>}
            {items.map((item, index) => <TraceCard key={`${item.position}:${item.received_at}:${index}`} trace={item} first={index === 0} />)}
            {query.hasNextPage && <div><Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("quality.look_further")}</Button></div>}
          </>
        );
      }}
    </Loaded>
  );
}

/** How far the search went, said honestly. */
function Reach({ pages, found }: { pages: TraceAnswer[]; found: number }) {
  const { t } = useTranslation();
  const format = useFormats();
  const frames = pages.reduce((sum, page) => sum + page.frames, 0);
  const last = pages.at(-1);
  if (!last?.back_to) return <p className="help">{t("quality.reach_none")}</p>;
  const values = { frames: format.number(frames), at: format.dateTime(last.back_to), found: format.number(found) };
  return <p className="help" role="status">{t(typeof last.more === "number" ? "quality.reach" : "quality.reach_all", values)}</p>;
}

function TraceCard({ trace, first }: { trace: Trace; first: boolean }) {
  const { t } = useTranslation();
  const words = useQualityWords();
  const [open, setOpen] = useState(first);
  const verdict = verdictOf(trace.stages);
  const title = trace.event ? words.series(trace.event) : t(trace.client_time ? "quality.no_event" : "quality.unreadable_item");
  return (
    <Panel className="trace-card">
      <button type="button" className="trace-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="grow">
          <strong>{title}</strong>
          <span className="muted small"><DateTime at={trace.received_at} />{trace.source && ` · ${trace.source}`} · {trace.protocol}</span>
        </span>
        <Status tone={verdict.tone}>{t(verdict.text)}</Status>
      </button>
      {open && (
        <div className="trace-body">
          <Stages trace={trace} />
          <Times trace={trace} />
          {trace.client_time && <EventDetail ids={trace.ids} props={trace.props} />}
          {typeof trace.position === "number" && <p className="help"><Label>{t("quality.position", { position: trace.position })}</Label></p>}
        </div>
      )}
    </Panel>
  );
}

/** The times a record carries; that of the event stands in its last stage. */
function Times({ trace }: { trace: Trace }) {
  const { t } = useTranslation();
  return (
    <dl className="pairs">
      <div className="pair"><dt>{t("quality.time_client")}</dt><dd><DateTime at={trace.client_time} /></dd></div>
      <div className="pair"><dt>{t("quality.time_sent")}</dt><dd><DateTime at={trace.sent_at} /></dd></div>
      <div className="pair"><dt>{t("quality.time_received")}</dt><dd><DateTime at={trace.received_at} /></dd></div>
    </dl>
  );
}
