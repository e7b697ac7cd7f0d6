/** Everything that happened with a person, newest first, by day and visit. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePageSearch } from "../../app/router";
import { Button, FilteredEmpty, Loaded, Skeleton } from "../../ui";
import { outlineQuery, timelineQuery } from "./asks";
import { TimelineBar } from "./TimelineBar";
import { TimelineDays } from "./TimelineDays";

/** So far below what is seen the next page is asked for, in pixels. */
const AHEAD = "600px";

export function Timeline({ person }: { person: number }) {
  const { t } = useTranslation();
  const [search, setSearch] = usePageSearch();
  const { kinds, event, text: query, before } = search;
  const outline = useQuery(outlineQuery(person));
  const list = useInfiniteQuery(timelineQuery(person, search));
  const items = list.data?.pages.flatMap((page) => page.items);
  const filtered = [kinds, event, query, before].some((part) => part !== undefined);
  const clear = () => setSearch({ kinds: undefined, event: undefined, text: undefined, before: undefined });
  const nothing = outline.data?.kinds.length === 0;
  return (
    <div className="did">
      {outline.data && !nothing && <TimelineBar outline={outline.data} />}
      <Loaded query={{ ...list, data: items }} rows={10}>
        {(all) => {
          if (nothing) return <p className="help did-empty">{t("people.no_events")}</p>;
          return (
            <div className={list.isPlaceholderData ? "did-stale" : undefined}>
              <TimelineDays person={person} items={all} />
              {all.length === 0 && !list.hasNextPage && filtered && <FilteredEmpty onClear={clear} />}
              <More has={list.hasNextPage} loading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
              {!list.hasNextPage && all.length > 0 && <p className="did-end small muted">{t("people.timeline_end")}</p>}
            </div>
          );
        }}
      </Loaded>
    </div>
  );
}

/** Pages asked for by themselves without the reader having moved: what came may be folded away. */
const UNASKED_MAX = 2;

/** Asks for the next page as its place comes near; if nothing moves on that, waits to be told. */
function More({ has, loading, onMore }: { has: boolean; loading: boolean; onMore: () => void }) {
  const { t } = useTranslation();
  const [unasked, setUnasked] = useState(0);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const moved = () => setUnasked(0);
    window.addEventListener("scroll", moved, { passive: true });
    return () => window.removeEventListener("scroll", moved);
  }, []);
  const ask = useRef(onMore);
  useEffect(() => {
    ask.current = onMore;
  });
  useEffect(() => {
    const element = place.current;
    if (!element || !has || loading || unasked >= UNASKED_MAX) return;
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((entry) => entry.isIntersecting)) return;
      setUnasked((count) => count + 1);
      ask.current();
    }, { rootMargin: AHEAD });
    watch.observe(element);
    return () => watch.disconnect();
  }, [has, loading, unasked]);
  return (
    <div ref={place} className="did-more">
      {loading && <Skeleton rows={3} />}
      {has && !loading && unasked >= UNASKED_MAX && <Button onClick={onMore}>{t("app.more")}</Button>}
    </div>
  );
}
