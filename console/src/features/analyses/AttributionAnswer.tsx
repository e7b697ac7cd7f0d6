/** What each touch is credited with by each model; every column adds up to all conversions. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AttributionCell, AttributionKey, AttributionQuery, AttributionResult, AttributionRow } from "../../api/types";
import { useNames } from "../../app/names";
import { DataTable, type Column } from "../../table";
import { Bar, Label, Panel, Segmented, Stat, TextButton, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { useAmount, worthOf } from "./GainRow";

/** One conversion, in the parts in which credit is counted. */
const CREDIT_UNIT = 10_000;

interface AttributionAnswerProps {
  query: AttributionQuery;
  result: AttributionResult;
}

export function AttributionAnswer({ query, result }: AttributionAnswerProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const worth = query.target.kind === "orders" || query.target.worth !== undefined;
  const [shown, setShown] = useState<"conversions" | "value">("conversions");
  const [cell, setCell] = useState<Cell | null>(null);
  const amount = useAmount(worthOf(query.target), result.value_unit);
  const open = (part: AttributionCell, title: string) => setCell({ kind: "attribution", query, cell: part, title });
  return (
    <div className="stack">
      <Panel
        title={
          <div className="totals stats-row">
            <Stat label={t("analyses.conversions")} onClick={() => open({ what: { kind: "converted" } }, t("analyses.conversions"))}>{format.number(result.conversions)}</Stat>
            <Stat label={t("analyses.measure_people")} onClick={() => open({ what: { kind: "converted" } }, t("analyses.measure_people"))}>{format.number(result.people)}</Stat>
            {worth && <Stat label={t("analyses.value")}>{amount(result.value)}</Stat>}
            <Stat label={t("analyses.unconverted")}>{format.number(result.unconverted)}</Stat>
          </div>
        }
        extra={worth && <Segmented value={shown} onChange={setShown} options={[{ value: "conversions", label: t("analyses.conversions") }, { value: "value", label: t("analyses.value") }]} />}
        help={t("analyses.attribution_help")}
      >
        {result.rows.length === 0 ? <p className="help chart-empty">{t("analyses.no_conversions")}</p> : <Rows query={query} result={result} byValue={worth && shown === "value"} amount={amount} onOpen={open} />}
        {!result.complete && <p className="help small">{t("analyses.range_open")}</p>}
      </Panel>
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </div>
  );
}

function useKeyName(query: AttributionQuery): (key: AttributionKey) => string {
  const { t } = useTranslation();
  const names = useNames();
  return (key) => {
    if (key.kind === "touch") return names.event(query.touches[key.touch]?.event ?? "");
    if (key.kind === "value") return key.value === "" ? t("analyses.empty_value") : key.value;
    if (key.kind === "none") return t("analyses.no_touch");
    return key.kind === "missing" ? t("analyses.group_missing") : t("analyses.group_other");
  };
}

interface RowsProps extends AttributionAnswerProps {
  byValue: boolean;
  amount: (parts: number) => string;
  onOpen: (cell: AttributionCell, title: string) => void;
}

function Rows({ query, result, byValue, amount, onOpen }: RowsProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const name = useKeyName(query);
  const partOf = (row: AttributionRow, model: number) => (byValue ? (row.credits[model]?.value ?? 0) : (row.credits[model]?.conversions ?? 0));
  const whole = byValue ? result.value : result.conversions * CREDIT_UNIT;
  const text = (parts: number) => (byValue ? amount(parts) : format.number(parts / CREDIT_UNIT));
  const people = (row: AttributionRow, what: AttributionCell["what"], count: number) =>
    count === 0 ? format.number(count) : <TextButton onClick={() => onOpen({ key: row.key, what }, name(row.key))}>{format.number(count)}</TextButton>;
  const columns: Column<AttributionRow>[] = [
    { key: "key", title: t("analyses.touch"), cell: (row) => <span className="row row-tight"><span className="strong one-line">{name(row.key)}</span>{row.direct && <Label>{t("analyses.direct")}</Label>}</span> },
    { key: "touches", title: t("analyses.touches"), align: "end", wideOnly: true, sort: (row) => row.touches, cell: (row) => format.number(row.touches) },
    { key: "people", title: t("analyses.measure_people"), align: "end", wideOnly: true, sort: (row) => row.people, cell: (row) => people(row, { kind: "touched" }, row.people) },
    { key: "conversions", title: t("analyses.conversions_after"), align: "end", wideOnly: true, sort: (row) => row.conversions, cell: (row) => people(row, { kind: "converted" }, row.conversions) },
    ...query.models.map((model, at): Column<AttributionRow> => ({
      key: model.kind,
      title: t(`analyses.model_${model.kind}`),
      align: "end",
      sort: (row) => partOf(row, at),
      cell: (row) => {
        const part = partOf(row, at);
        return (
          <span className="credit">
            {part === 0 ? <span className="muted">{text(part)}</span> : <TextButton onClick={() => onOpen({ key: row.key, what: { kind: "credited", model: at } }, `${name(row.key)} · ${t(`analyses.model_${model.kind}`)}`)}>{text(part)}</TextButton>}
            <Bar share={whole > 0 ? Math.max(0, part / whole) : 0} />
          </span>
        );
      },
    })),
  ];
  if (result.rows.some((row) => row.removal_effect !== undefined)) {
    columns.push({ key: "removal", title: t("analyses.removal_effect"), align: "end", wideOnly: true, sort: (row) => row.removal_effect ?? 0, cell: (row) => (row.key.kind === "none" ? "–" : format.percent(row.removal_effect ?? 0)) });
  }
  return <DataTable label={t("nav.attribution")} columns={columns} rows={result.rows} rowKey={(row) => JSON.stringify(row.key)} />;
}
