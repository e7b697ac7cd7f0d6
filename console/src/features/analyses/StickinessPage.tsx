/** On how many days, weeks or months people are active. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { StickinessQuery, StickinessResult } from "../../api/types";
import { Distribution } from "../../chart";
import { Panel, Stat, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { EventForm } from "./EventForm";
import { GroupPick } from "./GroupPick";
import { useQuestion, Workbench } from "./Workbench";

export default function StickinessPage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("stickiness");
  return (
    <Workbench kind="stickiness" query={query} form={<EventForm query={query} change={change} />} empty={t("analyses.choose_first")}>
      {(result) => <StickinessAnswer query={query} result={result} />}
    </Workbench>
  );
}

export function StickinessAnswer({ query, result }: { query: StickinessQuery; result: StickinessResult }) {
  const { t } = useTranslation();
  const format = useFormats();
  const [at, setAt] = useState(0);
  const [cell, setCell] = useState<Cell | null>(null);
  const group = result.groups[at] ?? result.groups[0];
  if (!group) return null;
  const name = (intervals: number) => t(`analyses.active_${query.interval}`, { count: intervals });
  const open = (intervals: number, orMore: boolean) => setCell({ kind: "stickiness", query, cell: { intervals, or_more: orMore, group: group.group }, title: orMore ? t("analyses.measure_people") : name(intervals) });
  return (
    <Panel title={<GroupPick groups={result.groups.map((item) => item.group)} at={at} onPick={setAt} />} extra={!result.complete && <span className="help">{t("analyses.range_open")}</span>}>
      <div className="totals stats-row">
        <Stat label={t("analyses.measure_people")} onClick={() => open(1, true)}>{format.number(group.total)}</Stat>
        <Stat label={t(`analyses.average_${query.interval}`)}>{group.average === null ? "–" : format.number(group.average, 1)}</Stat>
      </div>
      <Distribution rows={group.people.map((people, index) => ({ key: String(index + 1), name: name(index + 1), value: people }))} total={group.total} onOpen={(key) => open(Number(key), false)} />
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </Panel>
  );
}
