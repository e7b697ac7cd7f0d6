/** The sentence of a question about one event. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { EventQuery, Interval } from "../../api/types";
import { Segmented } from "../../ui";
import { EventRow } from "./EventRow";
import { INTERVALS, Scope } from "./Scope";

interface EventFormProps<Q extends EventQuery> {
  query: Q;
  change: (query: Q) => void;
  /** Beside the event. */
  measure?: ReactNode;
  /** Beside period, segment and breakdown. */
  children?: ReactNode;
}

export function EventForm<Q extends EventQuery & { interval?: Interval }>({ query, change, measure, children }: EventFormProps<Q>) {
  const { t } = useTranslation();
  return (
    <>
      <EventRow any mark="A" value={query.event} open={query.event.event === ""} onChange={(event) => change({ ...query, event })}>{measure}</EventRow>
      <div className="query-scope">
        <Scope value={query} event={query.event.event} onChange={change} />
        <span className="grow" />
        {children}
        {query.interval && <Segmented value={query.interval} onChange={(interval) => change({ ...query, interval })} options={INTERVALS.map((interval) => ({ value: interval, label: t(`analyses.by_${interval}`) }))} />}
      </div>
    </>
  );
}
