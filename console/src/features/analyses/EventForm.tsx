/** The sentence of a question about one event. */
import type { ReactNode } from "react";
import type { EventQuery, Interval } from "../../api/types";
import { EventRow } from "./EventRow";
import { IntervalPick, Scope } from "./Scope";

interface EventFormProps<Q extends EventQuery> {
  query: Q;
  change: (query: Q) => void;
  /** Beside the event. */
  measure?: ReactNode;
  /** Beside period, segment and breakdown. */
  children?: ReactNode;
}

export function EventForm<Q extends EventQuery & { interval?: Interval }>({ query, change, measure, children }: EventFormProps<Q>) {
  return (
    <>
      <EventRow any mark="A" value={query.event} open={query.event.event === ""} onChange={(event) => change({ ...query, event })}>{measure}</EventRow>
      <div className="query-scope">
        <Scope value={query} event={query.event.event} onChange={change} />
        <span className="grow" />
        {children}
        {query.interval && <IntervalPick value={query.interval} onChange={(interval) => change({ ...query, interval })} />}
      </div>
    </>
  );
}
