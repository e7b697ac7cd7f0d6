/** Sessions: how many, how deep, how long, and with what they begin and end. */
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SessionCounts, SessionEvent, SessionGroup, SessionQuery, SessionResult } from "../../api/types";
import { useNames } from "../../app/names";
import type { ChartLine } from "../../chart/TrendChart";
import { DataTable, type Column } from "../../table";
import { Panel, Pick, Skeleton, Stat, TextButton, useFormats, type Formats } from "../../ui";
import { useGroupName } from "./groupName";
import { CellDrawer, type Cell } from "./CellDrawer";
import { DurationPick } from "./DurationPick";
import { EventForm } from "./EventForm";
import { GroupPick } from "./GroupPick";
import { useQuestion, Workbench } from "./Workbench";

const TrendChart = lazy(() => import("../../chart/TrendChart"));
const MARKS = ["sessions", "people", "depth", "duration", "bounce"] as const;
type Mark = (typeof MARKS)[number];

/** Null where there is nothing to divide by. */
function valueOf(mark: Mark, counts: SessionCounts): number | null {
  if (mark === "sessions" || mark === "people") return counts[mark];
  if (counts.sessions === 0) return null;
  if (mark === "depth") return counts.events / counts.sessions;
  return mark === "duration" ? counts.duration_millis / counts.sessions : counts.bounces / counts.sessions;
}

function textOf(mark: Mark, value: number, format: Formats): string {
  if (mark === "bounce") return format.percent(value);
  if (mark === "duration") return format.duration(value);
  return mark === "depth" ? format.number(value, 1) : format.number(value);
}

export default function SessionPage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("session");
  return (
    <Workbench
      kind="session"
      query={query}
      form={<EventForm query={query} change={change}><DurationPick label={t("analyses.gap")} value={query.gap_seconds} onChange={(gap) => change({ ...query, gap_seconds: gap })} /></EventForm>}
      empty={t("analyses.choose_first")}
    >
      {(result) => <SessionAnswer query={query} result={result} />}
    </Workbench>
  );
}

export function SessionAnswer({ query, result }: { query: SessionQuery; result: SessionResult }) {
  const { t } = useTranslation();
  const format = useFormats();
  const [at, setAt] = useState(0);
  const [mark, setMark] = useState<Mark>("sessions");
  const [cell, setCell] = useState<Cell | null>(null);
  const group = result.groups[at] ?? result.groups[0];
  const buckets = useMemo(() => result.buckets.map((bucket) => ({ label: bucket.start, complete: bucket.complete })), [result.buckets]);
  const lines = useMemo(
    (): ChartLine[] => [{ key: mark, name: t(`analyses.session_${mark}`), values: (group?.buckets ?? []).map((counts) => valueOf(mark, counts)), format: (value) => textOf(mark, value, format), compact: (value) => textOf(mark, value, format) }],
    [group, mark, t, format],
  );
  if (!group) return null;
  const open = (bucket: string | undefined, bounced: boolean) => setCell({ kind: "session", query, cell: { bucket, bounced, group: group.group }, title: [t(bounced ? "analyses.session_bounce" : "analyses.measure_people"), bucket].filter(Boolean).join(" · ") });
  const text = (one: Mark) => {
    const value = valueOf(one, group.total);
    return value === null ? "–" : textOf(one, value, format);
  };
  return (
    <div className="stack">
      <Panel
        title={<GroupPick groups={result.groups.map((item) => item.group)} at={at} onPick={setAt} />}
        extra={<Pick aria-label={t("condition.slot_measure")} style={{ minWidth: 120 }} value={mark} onChange={setMark} options={MARKS.map((one) => ({ value: one, label: t(`analyses.session_${one}`) }))} />}
      >
        <div className="totals stats-row">
          {MARKS.map((one) => <Stat key={one} label={t(`analyses.session_${one}`)} onClick={one === "people" || one === "bounce" ? () => open(undefined, one === "bounce") : undefined}>{text(one)}</Stat>)}
        </div>
        <Suspense fallback={<Skeleton rows={8} />}>
          <TrendChart buckets={buckets} lines={lines} kind={mark === "sessions" || mark === "people" ? "bar" : "line"} label={t("nav.session")} onPoint={(_, bucket) => open(result.buckets[bucket]?.start, mark === "bounce")} />
        </Suspense>
      </Panel>
      {result.groups.length > 1 && <Groups groups={result.groups} onPick={setAt} />}
      <Events result={result} />
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </div>
  );
}

function Groups({ groups, onPick }: { groups: SessionGroup[]; onPick: (at: number) => void }) {
  const { t } = useTranslation();
  const groupName = useGroupName();
  const format = useFormats();
  const columns: Column<SessionGroup>[] = [
    { key: "group", title: t("analyses.breakdown"), cell: (row) => <TextButton onClick={() => onPick(groups.indexOf(row))}>{groupName(row.group)}</TextButton> },
    ...MARKS.map((mark): Column<SessionGroup> => ({
      key: mark,
      title: t(`analyses.session_${mark}`),
      align: "end",
      sort: (row) => valueOf(mark, row.total) ?? -1,
      cell: (row) => {
        const value = valueOf(mark, row.total);
        return value === null ? "–" : textOf(mark, value, format);
      },
    })),
  ];
  return <DataTable label={t("analyses.breakdown")} columns={columns} rows={groups} rowKey={(row) => JSON.stringify(row.group)} />;
}

/** Which events sessions begin and end with. */
function Events({ result }: { result: SessionResult }) {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const share = (above: number, below: number) => (below > 0 ? format.percent(above / below) : "–");
  const columns: Column<SessionEvent>[] = [
    { key: "event", title: t("condition.slot_event"), cell: (row) => names.event(row.event) },
    { key: "occurrences", title: t("analyses.measure_count"), align: "end", sort: (row) => row.occurrences, cell: (row) => format.number(row.occurrences) },
    { key: "entries", title: t("analyses.entries"), align: "end", sort: (row) => row.entries, cell: (row) => format.number(row.entries) },
    { key: "exits", title: t("analyses.exits"), align: "end", sort: (row) => row.exits, cell: (row) => format.number(row.exits) },
    { key: "rate", title: t("analyses.exit_rate"), align: "end", sort: (row) => row.exits / Math.max(1, row.occurrences), cell: (row) => share(row.exits, row.occurrences) },
    { key: "bounce", title: t("analyses.session_bounce"), align: "end", wideOnly: true, sort: (row) => row.bounces / Math.max(1, row.entries), cell: (row) => share(row.bounces, row.entries) },
  ];
  return (
    <>
      <DataTable label={t("analyses.entries")} columns={columns} rows={result.events} rowKey={(row) => row.event} />
      {result.events_left_out > 0 && <p className="help">{t("analyses.events_left_out", { count: result.events_left_out })}</p>}
    </>
  );
}
