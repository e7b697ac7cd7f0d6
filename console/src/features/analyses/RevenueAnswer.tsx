/** Revenue of cohorts as a heat map: a row per cohort, a column per interval. Cells that may still grow are hatched and left out of the mean. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RevenueCell, RevenueCohort, RevenueGroup, RevenueQuery, RevenueResult } from "../../api/types";
import { useNames } from "../../app/names";
import { HeatCell, RowFlag, useRowNotes } from "../../chart";
import { DataTable, type Column } from "../../table";
import { Panel, Pick, Segmented, Stat, TextButton, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { useAmount, worthOf } from "./GainRow";
import { GroupPick } from "./GroupPick";

type Mark = "value_so_far" | "value";
type Per = "person" | "total" | "people";

interface RevenueAnswerProps {
  query: RevenueQuery;
  result: RevenueResult;
}

export function RevenueAnswer({ query, result }: RevenueAnswerProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const [at, setAt] = useState(0);
  const [mark, setMark] = useState<Mark>("value_so_far");
  const [per, setPer] = useState<Per>("person");
  const [cell, setCell] = useState<Cell | null>(null);
  const amount = useAmount(worthOf(query.gain), result.value_unit);
  const group = result.groups[at] ?? result.groups[0];
  if (!group) return null;
  const open = (what: RevenueCell["what"], cohort: string | undefined, title: string) => setCell({ kind: "revenue", query, cell: { cohort, what, group: group.group }, title: [cohort, title].filter(Boolean).join(" · ") });
  return (
    <div className="stack">
      <Panel
        title={<GroupPick groups={result.groups.map((item) => item.group)} at={at} onPick={setAt} />}
        extra={
          <>
            <Segmented value={mark} onChange={setMark} options={[{ value: "value_so_far", label: t("analyses.so_far") }, { value: "value", label: t("analyses.each_interval") }]} />
            <Pick aria-label={t("analyses.revenue_per")} style={{ minWidth: 120 }} value={per} onChange={setPer} options={(["person", "total", "people"] as const).map((one) => ({ value: one, label: t(`analyses.revenue_per_${one}`) }))} />
          </>
        }
        help={t("analyses.revenue_help")}
      >
        <div className="totals stats-row">
          <Stat label={t("analyses.measure_people")} onClick={() => open({ kind: "started" }, undefined, t("analyses.started"))}>{format.number(group.size)}</Stat>
          <Stat label={t("analyses.value")}>{amount(group.value)}</Stat>
          <Stat label={t("analyses.revenue_per_person")}>{group.size > 0 ? amount(group.value / group.size) : "–"}</Stat>
        </div>
        <HeatMap query={query} group={group} mark={mark} per={per} amount={amount} onOpen={open} />
      </Panel>
      {result.groups.length > 1 && <Groups groups={result.groups} amount={amount} onPick={setAt} />}
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </div>
  );
}

interface HeatMapProps {
  query: RevenueQuery;
  group: RevenueGroup;
  mark: Mark;
  per: Per;
  amount: (parts: number) => string;
  onOpen: (what: RevenueCell["what"], cohort: string | undefined, title: string) => void;
}

/** The number of a cell; null where there is nobody. */
function numberOf(cohort: RevenueCohort, column: number, mark: Mark, per: Per): number | null {
  const own = cohort.columns[column];
  if (!own || cohort.size === 0) return null;
  if (per === "people") return mark === "value" ? own.people : own.people_so_far;
  return per === "total" ? own[mark] : own[mark] / cohort.size;
}

function HeatMap({ query, group, mark, per, amount, onOpen }: HeatMapProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const starts = useMemo(() => group.cohorts.map((cohort) => cohort.bucket.start), [group]);
  const notes = useRowNotes(starts);
  const columns = group.means.map((_, column) => (column === 0 ? t("analyses.same_interval") : t(`analyses.after_${query.interval}`, { count: column })));
  const most = Math.max(0, ...group.cohorts.flatMap((cohort) => columns.map((_, column) => numberOf(cohort, column, mark, per) ?? 0)));
  const text = (value: number) => (per === "people" ? format.number(value) : amount(value));
  const what = (column: number): RevenueCell["what"] => ({ kind: mark === "value" ? "paid" : "paid_so_far", column });
  return (
    <div className="heat-scroll">
      <table className="heat">
        <thead>
          <tr>
            <th scope="col">{t("analyses.cohort")}</th>
            <th scope="col" className="num">{t("analyses.measure_people")}</th>
            {columns.map((column) => <th key={column} scope="col" className="num">{column}</th>)}
          </tr>
        </thead>
        <tbody>
          <tr className="heat-mean">
            <th scope="row">{t("analyses.mean_per_person")}</th>
            <td className="num"><button type="button" className="text-button" onClick={() => onOpen({ kind: "started" }, undefined, t("analyses.started"))}>{format.number(group.size)}</button></td>
            {group.means.map((mean, column) => {
              const value = mean[mark];
              return <td key={columns[column]} className="num">{value === null ? <span className="muted">–</span> : <TextButton onClick={() => onOpen(what(column), undefined, columns[column] ?? "")}>{amount(value)}</TextButton>}</td>;
            })}
          </tr>
          {group.cohorts.map((cohort, at) => {
            const { start } = cohort.bucket;
            return (
              <tr key={start}>
                <th scope="row" className="num">{start}<RowFlag start={start} notes={notes.get(at)} /></th>
                <td className="num"><button type="button" className="text-button" disabled={cohort.size === 0} onClick={() => onOpen({ kind: "started" }, start, t("analyses.started"))}>{format.number(cohort.size)}</button></td>
                {columns.map((title, column) => {
                  const value = numberOf(cohort, column, mark, per);
                  const complete = cohort.columns[column]?.complete ?? true;
                  return (
                    <td key={title}>
                      {value !== null && (complete || value !== 0) && <HeatCell share={most > 0 ? value / most : 0} text={text(value)} open={!complete} label={`${start} ${title}`} onClick={() => onOpen(what(column), start, title)} />}
                    </td>
                  );
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Groups({ groups, amount, onPick }: { groups: RevenueGroup[]; amount: (parts: number) => string; onPick: (at: number) => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const columns: Column<RevenueGroup>[] = [
    { key: "group", title: t("analyses.breakdown"), cell: (row) => <TextButton onClick={() => onPick(groups.indexOf(row))}>{names.group(row.group)}</TextButton> },
    { key: "people", title: t("analyses.measure_people"), align: "end", sort: (row) => row.size, cell: (row) => format.number(row.size) },
    { key: "value", title: t("analyses.value"), align: "end", sort: (row) => row.value, cell: (row) => amount(row.value) },
    { key: "each", title: t("analyses.revenue_per_person"), align: "end", sort: (row) => row.value / Math.max(1, row.size), cell: (row) => (row.size > 0 ? amount(row.value / row.size) : "–") },
  ];
  return <DataTable label={t("analyses.breakdown")} columns={columns} rows={groups} rowKey={(row) => JSON.stringify(row.group)} />;
}
