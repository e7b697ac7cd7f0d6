/** On which days of the week and at which hours something happens. The address holds the question. */
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import type { HeatmapCounts, HeatmapGroup, HeatmapQuery, HeatmapResult } from "../../api/types";
import { HeatCell } from "../../chart";
import { Panel, Pick, Stat, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { EventForm } from "./EventForm";
import { useAmount, WorthPick } from "./GainRow";
import { GroupPick } from "./GroupPick";
import { useQuestion, Workbench } from "./Workbench";

const MARKS = ["count", "people", "rate", "value"] as const;
type Mark = (typeof MARKS)[number];
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const DAYS = Array.from({ length: 7 }, (_, day) => day);
/** A Monday. */
const MONDAY = Date.UTC(2026, 0, 5);

export default function HeatmapPage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("heatmap");
  const worth = query.event.event === "$any" ? undefined : <WorthPick bare event={query.event.event} value={query.worth} onChange={(next) => change({ ...query, worth: next })} />;
  const setEvent = (next: HeatmapQuery) => change(next.event.event === query.event.event ? next : { ...next, worth: undefined });
  return (
    <Workbench kind="heatmap" query={query} form={<EventForm query={query} change={setEvent} measure={worth} />} empty={t("analyses.choose_first")}>
      {(result) => <HeatmapAnswer query={query} result={result} />}
    </Workbench>
  );
}

export function HeatmapAnswer({ query, result }: { query: HeatmapQuery; result: HeatmapResult }) {
  const { t } = useTranslation();
  const format = useFormats();
  const [at, setAt] = useState(0);
  const [mark, setMark] = useState<Mark>("count");
  const [cell, setCell] = useState<Cell | null>(null);
  const amount = useAmount(query.worth, result.value_unit);
  const group = result.groups[at] ?? result.groups[0];
  if (!group) return null;
  const marks = MARKS.filter((one) => one !== "value" || query.worth !== undefined);
  const own = marks.includes(mark) ? mark : "count";
  const open = (weekday: number | undefined, hour: number | undefined, title: string) => setCell({ kind: "heatmap", query, cell: { weekday, hour, group: group.group }, title });
  return (
    <Panel
      title={<GroupPick groups={result.groups.map((item) => item.group)} at={at} onPick={setAt} />}
      extra={<Pick aria-label={t("condition.slot_measure")} style={{ minWidth: 140 }} value={own} onChange={setMark} options={marks.map((one) => ({ value: one, label: t(`analyses.heat_${one}`) }))} />}
      help={t("analyses.heat_help")}
    >
      <div className="totals stats-row">
        <Stat label={t("analyses.measure_count")}>{format.number(group.total.count)}</Stat>
        <Stat label={t("analyses.measure_people")} onClick={() => open(undefined, undefined, t("analyses.measure_people"))}>{format.number(group.total.people)}</Stat>
        {query.worth !== undefined && <Stat label={t("analyses.value")}>{amount(group.total.value)}</Stat>}
      </div>
      <Grid group={group} lengths={result.lengths} mark={own} amount={amount} onOpen={open} />
      {!result.complete && <p className="help small">{t("analyses.range_open")}</p>}
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </Panel>
  );
}

interface GridProps {
  group: HeatmapGroup;
  lengths: number[][];
  mark: Mark;
  amount: (parts: number) => string;
  onOpen: (weekday: number | undefined, hour: number | undefined, title: string) => void;
}

function hourName(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

function Grid({ group, lengths, mark, amount, onOpen }: GridProps) {
  const { t, i18n } = useTranslation();
  const format = useFormats();
  const dayName = (day: number) => new Intl.DateTimeFormat(i18n.language, { weekday: "short", timeZone: "UTC" }).format(MONDAY + day * 86_400_000);
  const numberOf = (counts: HeatmapCounts | undefined, length: number) => {
    if (!counts) return 0;
    return mark === "rate" ? (length > 0 ? counts.count / length : 0) : counts[mark];
  };
  const text = (value: number) => (mark === "value" ? amount(value) : format.number(value, mark === "rate" ? 1 : 0));
  const most = Math.max(0, ...DAYS.flatMap((day) => HOURS.map((hour) => numberOf(group.cells[day]?.[hour], lengths[day]?.[hour] ?? 0))));
  const lengthOf = (hour: number) => DAYS.reduce((sum, day) => sum + (lengths[day]?.[hour] ?? 0), 0);
  const total = (counts: HeatmapCounts | undefined, length: number, day: number | undefined, hour: number | undefined, title: string) => {
    const value = numberOf(counts, length);
    return <td className="num">{value === 0 ? <span className="muted">–</span> : <button type="button" className="text-button" onClick={() => onOpen(day, hour, title)}>{text(value)}</button>}</td>;
  };
  return (
    <div className="heat-scroll">
      <table className="heat">
        <thead>
          <tr>
            <th scope="col">{t("analyses.heat_hour")}</th>
            {DAYS.map((day) => <th key={day} scope="col" className="num">{dayName(day)}</th>)}
            <th scope="col" className="num">{t("analyses.group_whole")}</th>
          </tr>
        </thead>
        <tbody>
          <tr className="heat-mean">
            <th scope="row">{t("analyses.group_whole")}</th>
            {DAYS.map((day) => <Fragment key={day}>{total(group.weekdays[day], (lengths[day] ?? []).reduce((sum, length) => sum + length, 0), day, undefined, dayName(day))}</Fragment>)}
            <td />
          </tr>
          {HOURS.map((hour) => (
            <tr key={hour}>
              <th scope="row" className="num">{hourName(hour)}</th>
              {DAYS.map((day) => {
                const value = numberOf(group.cells[day]?.[hour], lengths[day]?.[hour] ?? 0);
                const title = `${dayName(day)} ${hourName(hour)}`;
                return <td key={day}>{value !== 0 && <HeatCell share={most > 0 ? value / most : 0} text={text(value)} label={title} onClick={() => onOpen(day, hour, title)} />}</td>;
              })}
              {total(group.hours[hour], lengthOf(hour), undefined, hour, hourName(hour))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
