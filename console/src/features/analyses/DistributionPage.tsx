/** How many people did something how often, on how many days, for how much. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Bin, DistributionGroup, DistributionQuery, DistributionResult, PersonMeasure } from "../../api/types";
import { useNames } from "../../app/names";
import { Distribution } from "../../chart";
import { DataTable, type Column } from "../../table";
import { Panel, Stat, useFormats } from "../../ui";
import { useGroupName } from "./groupName";
import { CellDrawer, type Cell } from "./CellDrawer";
import { EventForm } from "./EventForm";
import { GroupPick } from "./GroupPick";
import { PersonMeasurePick } from "./PersonMeasurePick";
import { useQuestion, Workbench } from "./Workbench";

export default function DistributionPage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("distribution");
  const measure = <PersonMeasurePick event={query.event.event} value={query.measure} onChange={(next) => change({ ...query, measure: next })} />;
  return (
    <Workbench kind="distribution" query={query} form={<EventForm query={query} change={change} measure={measure} />} empty={t("analyses.choose_first")}>
      {(result) => <DistributionAnswer query={query} result={result} />}
    </Workbench>
  );
}

function propertyOf(measure: PersonMeasure): string {
  return "property" in measure && measure.kind !== "distinct" ? measure.property : "";
}

function useBinName(query: DistributionQuery): (bin: Bin) => string {
  const { t } = useTranslation();
  const names = useNames();
  const text = (value: number) => names.number(propertyOf(query.measure), value);
  const whole = query.measure.kind === "count" || query.measure.kind === "days" || query.measure.kind === "distinct";
  return ({ from, to }) => {
    if (from === null) return t("analyses.bin_below", { to: text(to ?? 0) });
    if (to === null) return t("analyses.bin_from", { from: text(from) });
    return whole && to === from + 1 ? text(from) : t("analyses.bin_between", { from: text(from), to: text(to) });
  };
}

export function DistributionAnswer({ query, result }: { query: DistributionQuery; result: DistributionResult }) {
  const { t } = useTranslation();
  const names = useNames();
  const groupName = useGroupName();
  const format = useFormats();
  const binName = useBinName(query);
  const [at, setAt] = useState(0);
  const [cell, setCell] = useState<Cell | null>(null);
  const group = result.groups[at] ?? result.groups[0];
  if (!group) return null;
  const number = (value: number | undefined) => (value === undefined ? "–" : names.number(propertyOf(query.measure), Math.round(value * 100) / 100));
  const open = (bin: Bin | undefined) => setCell({ kind: "distribution", query, cell: { bin, group: group.group }, title: bin ? binName(bin) : t("analyses.measure_people") });
  const summary = group.summary ?? undefined;
  const columns: Column<DistributionGroup>[] = [
    { key: "group", title: t("analyses.breakdown"), cell: (row) => <span className="strong">{groupName(row.group)}</span> },
    { key: "people", title: t("analyses.measure_people"), align: "end", sort: (row) => row.total, cell: (row) => format.number(row.total) },
    { key: "mean", title: t("analyses.mean"), align: "end", sort: (row) => row.summary?.mean ?? 0, cell: (row) => number(row.summary?.mean) },
    { key: "median", title: t("analyses.median_label"), align: "end", sort: (row) => row.summary?.median ?? 0, cell: (row) => number(row.summary?.median) },
    { key: "p90", title: t("analyses.p90"), align: "end", sort: (row) => row.summary?.p90 ?? 0, cell: (row) => number(row.summary?.p90) },
  ];
  return (
    <div className="stack">
      <Panel title={<GroupPick groups={result.groups.map((item) => item.group)} at={at} onPick={setAt} />} extra={!result.complete && <span className="help">{t("analyses.range_open")}</span>}>
        <div className="totals stats-row">
          <Stat label={t("analyses.measure_people")} onClick={() => open(undefined)}>{format.number(group.total)}</Stat>
          <Stat label={t("analyses.mean")}>{number(summary?.mean)}</Stat>
          <Stat label={t("analyses.median_label")}>{number(summary?.median)}</Stat>
          <Stat label={t("analyses.p90")}>{number(summary?.p90)}</Stat>
          {group.without > 0 && <Stat label={t("analyses.without_number")}>{format.number(group.without)}</Stat>}
        </div>
        <Distribution
          rows={result.bins.map((bin, index) => ({ key: String(index), name: binName(bin), value: group.people[index] ?? 0 }))}
          total={group.total}
          onOpen={(key) => open(result.bins[Number(key)])}
        />
      </Panel>
      {result.groups.length > 1 && <DataTable label={t("analyses.breakdown")} columns={columns} rows={result.groups} rowKey={(row) => JSON.stringify(row.group)} />}
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </div>
  );
}
