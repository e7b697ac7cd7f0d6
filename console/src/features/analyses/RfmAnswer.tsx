/** The eight classes, how the scores came about, and every combination of scores; each opens its people. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { RfmCell, RfmClass, RfmPeople, RfmQuery, RfmResult, RfmScore, RfmScored } from "../../api/types";
import { useNames } from "../../app/names";
import { HeatCell } from "../../chart";
import { DataTable, type Column } from "../../table";
import { Bar, Panel, Stat, TextButton, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { useAmount, worthOf } from "./GainRow";

/** In the order in which answers hold them. */
const CLASSES: RfmClass[] = ["important_value", "important_develop", "important_keep", "important_retain", "general_value", "general_develop", "general_keep", "general_retain"];

interface RfmAnswerProps {
  query: RfmQuery;
  result: RfmResult;
}

export function RfmAnswer({ query, result }: RfmAnswerProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const amount = useAmount(worthOf(query.gain), result.value_unit);
  const [cell, setCell] = useState<Cell | null>(null);
  const open = (part: RfmCell, title: string) => setCell({ kind: "rfm", query, cell: part, title });
  const { total } = result;
  if (total.people === 0) return <Panel><p className="help chart-empty">{t("analyses.rfm_nobody")}</p></Panel>;
  return (
    <div className="stack">
      <Panel
        title={
          <div className="totals stats-row">
            <Stat label={t("analyses.rfm_buyers")} onClick={() => open({}, t("analyses.rfm_buyers"))}>{format.number(total.people)}</Stat>
            <Stat label={t("analyses.rfm_purchases")}>{format.number(total.count)}</Stat>
            <Stat label={t("analyses.value")}>{amount(total.value)}</Stat>
          </div>
        }
        extra={<span className="help">{t("analyses.rfm_counted_from", { time: format.dateTime(result.counted_from) })}</span>}
        help={t("analyses.rfm_help")}
      >
        <Classes result={result} amount={amount} onOpen={open} />
      </Panel>
      <Panel title={t("analyses.rfm_matrix")} help={t("analyses.rfm_matrix_help")}>
        <Matrix result={result} onOpen={open} />
      </Panel>
      <Panel title={t("analyses.rfm_scores")}>
        <Scores often={query.often} result={result} amount={amount} onOpen={open} />
      </Panel>
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </div>
  );
}

interface PartProps {
  result: RfmResult;
  amount: (parts: number) => string;
  onOpen: (cell: RfmCell, title: string) => void;
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function Classes({ result, amount, onOpen }: PartProps) {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const rows = CLASSES.map((name, at): RfmPeople & { name: RfmClass } => ({ name, ...(result.classes[at] ?? { people: 0, count: 0, value: 0 }) }));
  const title = (name: RfmClass) => names.group({ kind: "value", value: name });
  const columns: Column<(typeof rows)[number]>[] = [
    { key: "name", title: t("analyses.rfm_class"), cell: (row) => <span className="strong">{title(row.name)}</span> },
    { key: "people", title: t("analyses.measure_people"), align: "end", sort: (row) => row.people, cell: (row) => (row.people > 0 ? <TextButton onClick={() => onOpen({ class: row.name }, title(row.name))}>{format.number(row.people)}</TextButton> : "0") },
    { key: "share", title: t("analyses.share"), align: "end", cell: (row) => <span className="credit"><span>{format.percent(share(row.people, result.total.people))}</span><Bar share={share(row.people, result.total.people)} /></span> },
    { key: "value", title: t("analyses.value"), align: "end", sort: (row) => row.value, cell: (row) => amount(row.value) },
    { key: "value_share", title: t("analyses.value_share"), align: "end", wideOnly: true, cell: (row) => format.percent(share(row.value, result.total.value)) },
    { key: "each", title: t("analyses.revenue_per_person"), align: "end", wideOnly: true, cell: (row) => (row.people > 0 ? amount(row.value / row.people) : "–") },
  ];
  return <DataTable label={t("nav.rfm")} columns={columns} rows={rows} rowKey={(row) => row.name} />;
}

/** Recency against frequency, whatever the money. */
function Matrix({ result, onOpen }: Omit<PartProps, "amount">) {
  const { t } = useTranslation();
  const format = useFormats();
  const people = (recency: number, frequency: number) => result.scored.reduce((sum, one: RfmScored) => sum + (one.recency === recency && one.frequency === frequency ? one.people : 0), 0);
  const rows = result.frequency.toReversed();
  const most = Math.max(1, ...rows.flatMap((row) => result.recency.map((column) => people(column.score, row.score))));
  return (
    <div className="heat-scroll">
      <table className="heat">
        <thead>
          <tr>
            <th scope="col">{t("analyses.rfm_frequency_by_recency")}</th>
            {result.recency.map((column) => <th key={column.score} scope="col" className="num">R{column.score}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.score}>
              <th scope="row">F{row.score}</th>
              {result.recency.map((column) => {
                const count = people(column.score, row.score);
                const title = `R${column.score} F${row.score}`;
                return <td key={column.score}>{count > 0 && <HeatCell share={count / most} text={format.number(count)} label={title} onClick={() => onOpen({ recency: column.score, frequency: row.score }, title)} />}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** From where to where each score goes. */
function Scores({ often, result, amount, onOpen }: PartProps & Pick<RfmQuery, "often">) {
  const { t } = useTranslation();
  const format = useFormats();
  const days = (value: number) => t("analyses.days", { count: value });
  const texts = { recency: days, frequency: often === "days" ? days : (value: number) => format.number(value), monetary: amount };
  const rows = (["recency", "frequency", "monetary"] as const).flatMap((of) => result[of].map((score): RfmScore & { of: keyof typeof texts } => ({ of, ...score })));
  const title = (row: (typeof rows)[number]) => `${t(`analyses.rfm_${row.of}`)} ${row.score}`;
  const between = (row: (typeof rows)[number]) => {
    if (row.least === null || row.most === null) return "–";
    const [least, most] = [texts[row.of](row.least), texts[row.of](row.most)];
    return least === most ? least : t("analyses.bin_between", { from: least, to: most });
  };
  const columns: Column<(typeof rows)[number]>[] = [
    { key: "score", title: t("analyses.rfm_score"), cell: (row) => <span className="strong">{title(row)}</span> },
    { key: "range", title: t("analyses.rfm_between"), align: "end", cell: between },
    { key: "people", title: t("analyses.measure_people"), align: "end", cell: (row) => (row.people > 0 ? <TextButton onClick={() => onOpen({ [row.of]: row.score }, title(row))}>{format.number(row.people)}</TextButton> : "0") },
    { key: "share", title: t("analyses.share"), align: "end", wideOnly: true, cell: (row) => format.percent(result.total.people > 0 ? row.people / result.total.people : 0) },
  ];
  return <DataTable label={t("analyses.rfm_scores")} columns={columns} rows={rows} rowKey={(row) => `${row.of}${row.score}`} />;
}
