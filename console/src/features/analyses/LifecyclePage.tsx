/** Of those active, who is new, who stayed, who came back; and who went away. */
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LifecycleQuery, LifecycleResult, LifecycleState } from "../../api/types";
import type { ChartLine } from "../../chart/TrendChart";
import { Panel, Skeleton, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { EventForm } from "./EventForm";
import { GroupPick } from "./GroupPick";
import { useQuestion, Workbench } from "./Workbench";

const TrendChart = lazy(() => import("../../chart/TrendChart"));
const STATES: LifecycleState[] = ["new", "returning", "resurrecting", "dormant"];

export default function LifecyclePage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("lifecycle");
  return (
    <Workbench kind="lifecycle" query={query} form={<EventForm query={query} change={change} />} empty={t("analyses.choose_first")}>
      {(result) => <LifecycleAnswer query={query} result={result} />}
    </Workbench>
  );
}

export function LifecycleAnswer({ query, result }: { query: LifecycleQuery; result: LifecycleResult }) {
  const { t } = useTranslation();
  const format = useFormats();
  const [at, setAt] = useState(0);
  const [cell, setCell] = useState<Cell | null>(null);
  const group = result.groups[at] ?? result.groups[0];
  const buckets = useMemo(() => result.buckets.map((bucket) => ({ label: bucket.start, complete: bucket.complete })), [result.buckets]);
  const lines = useMemo(
    () =>
      STATES.map((state): ChartLine => ({
        key: state,
        name: t(`analyses.state_${state}`),
        // Those who went away stand below the line.
        values: (group?.[state] ?? []).map((people) => (state === "dormant" ? -people : people)),
        format: (value) => format.number(Math.abs(value)),
        compact: (value) => format.compact(Math.abs(value)),
      })),
    [group, t, format],
  );
  if (!group) return null;
  const open = (line: number, bucket: number) => {
    const [state, start] = [STATES[line], result.buckets[bucket]?.start];
    if (state && start) setCell({ kind: "lifecycle", query, cell: { bucket: start, state, group: group.group }, title: `${lines[line]?.name} · ${start}` });
  };
  return (
    <Panel title={<GroupPick groups={result.groups.map((item) => item.group)} at={at} onPick={setAt} />} help={t("analyses.lifecycle_help")}>
      <Suspense fallback={<Skeleton rows={8} />}>
        <TrendChart buckets={buckets} lines={lines} kind="bar" stacked label={t("nav.lifecycle")} onPoint={open} />
      </Suspense>
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </Panel>
  );
}
