/** Retention as a heat map: a row per cohort, a column per interval. Cells that may still rise are hatched and left out of the mean. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Group, RetentionCell, RetentionCount, RetentionGroup, RetentionQuery, RetentionResult } from "../../api/types";
import { useNames } from "../../app/names";
import { HeatCell, RowFlag, useRowNotes } from "../../chart";
import { Panel, Segmented, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { GroupPick } from "./GroupPick";

interface RetentionAnswerProps {
  query: RetentionQuery;
  result: RetentionResult;
}

type What = RetentionCell["what"];

export function RetentionAnswer({ query, result }: RetentionAnswerProps) {
  const { t } = useTranslation();
  const names = useNames();
  const [shown, setShown] = useState<"share" | "people">("share");
  const [at, setAt] = useState(0);
  const [cell, setCell] = useState<Cell | null>(null);
  const group = result.groups[at] ?? result.groups[0];
  if (!group) return null;
  const columns = result.columns.map(([first, last]) => (first === last ? t(`analyses.after_${query.interval}`, { count: first }) : t("analyses.after_range", { first, last })));
  const open = (what: What, cohort: string | undefined, title: string) => setCell({ kind: "retention", query, cell: { cohort, what, group: group.group }, title: [cohort, title].filter(Boolean).join(" · ") });
  return (
    <Panel
      title={<GroupPick groups={result.groups.map((item) => item.group)} at={at} onPick={setAt} />}
      extra={<Segmented value={shown} onChange={setShown} options={[{ value: "share", label: t("analyses.share") }, { value: "people", label: t("analyses.measure_people") }]} />}
      help={t("analyses.retention_help")}
    >
      <HeatMap group={group} columns={columns} people={shown === "people"} onOpen={open} />
      {result.groups.length > 1 && <GroupMeans groups={result.groups} columns={columns} name={names.group} onPick={setAt} />}
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </Panel>
  );
}

interface HeatMapProps {
  group: RetentionGroup;
  columns: string[];
  people: boolean;
  onOpen: (what: What, cohort: string | undefined, title: string) => void;
}

function HeatMap({ group, columns, people, onOpen }: HeatMapProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const starts = useMemo(() => group.cohorts.map((cohort) => cohort.bucket.start), [group]);
  const notes = useRowNotes(starts);
  const cellOf = (key: string, count: RetentionCount, size: number, what: What, cohort: string, title: string) => (
    <td key={key}>
      {size > 0 && (count.complete || count.people > 0) && <HeatCell share={count.people / size} text={people ? format.number(count.people) : format.percent(count.people / size)} open={!count.complete} onClick={() => onOpen(what, cohort, title)} label={`${cohort} ${title}`} />}
    </td>
  );
  return (
    <div className="heat-scroll">
      <table className="heat">
        <thead>
          <tr>
            <th scope="col">{t("analyses.cohort")}</th>
            <th scope="col" className="num">{t("analyses.measure_people")}</th>
            <th scope="col" className="num">{t("analyses.same_interval")}</th>
            {columns.map((column) => <th key={column} scope="col" className="num">{column}</th>)}
          </tr>
        </thead>
        <tbody>
          <tr className="heat-mean">
            <th scope="row">{t("analyses.mean")}</th>
            <td className="num"><button type="button" className="text-button" onClick={() => onOpen({ kind: "started" }, undefined, t("analyses.started"))}>{format.number(group.size)}</button></td>
            <td />
            {group.means.map((mean, column) => (
              <td key={columns[column]}>{mean.weighted === null ? <span className="muted">–</span> : <HeatCell share={mean.weighted} text={format.percent(mean.weighted)} onClick={() => onOpen({ kind: "back", column }, undefined, columns[column] ?? "")} label={`${t("analyses.mean")} ${columns[column]}`} />}</td>
            ))}
          </tr>
          {group.cohorts.map((cohort, at) => {
            const { start } = cohort.bucket;
            return (
              <tr key={start}>
                <th scope="row" className="num">{start}<RowFlag start={start} notes={notes.get(at)} /></th>
                <td className="num"><button type="button" className="text-button" disabled={cohort.size === 0} onClick={() => onOpen({ kind: "started" }, start, t("analyses.started"))}>{format.number(cohort.size)}</button></td>
                {cellOf("same", cohort.same, cohort.size, { kind: "same" }, start, t("analyses.same_interval"))}
                {cohort.back.map((count, column) => cellOf(String(column), count, cohort.size, { kind: "back", column }, start, columns[column] ?? ""))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface GroupMeansProps {
  groups: RetentionGroup[];
  columns: string[];
  name: (group: Group) => string;
  onPick: (at: number) => void;
}

/** The means of all groups under one another. */
function GroupMeans({ groups, columns, name, onPick }: GroupMeansProps) {
  const { t } = useTranslation();
  const format = useFormats();
  return (
    <div className="heat-scroll heat-groups">
      <table className="heat">
        <thead>
          <tr>
            <th scope="col">{t("analyses.breakdown")}</th>
            <th scope="col" className="num">{t("analyses.measure_people")}</th>
            {columns.map((column) => <th key={column} scope="col" className="num">{column}</th>)}
          </tr>
        </thead>
        <tbody>
          {groups.map((group, at) => (
            <tr key={JSON.stringify(group.group)}>
              <th scope="row"><button type="button" className="text-button" onClick={() => onPick(at)}>{name(group.group)}</button></th>
              <td className="num">{format.number(group.size)}</td>
              {group.means.map((mean, column) => (
                <td key={columns[column]}>{mean.weighted === null ? <span className="muted">–</span> : <HeatCell share={mean.weighted} text={format.percent(mean.weighted)} label={`${name(group.group)} ${columns[column]}`} onClick={() => onPick(at)} />}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
