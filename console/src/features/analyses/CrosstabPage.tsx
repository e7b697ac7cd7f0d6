/** People or events by two things at once. The address holds the question. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSegments } from "../../api/catalog";
import type { CrosstabDimension, CrosstabQuery, CrosstabResult } from "../../api/types";
import { Input, Pick, Segmented, useFormats } from "../../ui";
import { CrosstabAnswer, moneyOf } from "./CrosstabAnswer";
import { EventRow } from "./EventRow";
import { NumberPick } from "./NumberPick";
import { BreakdownPick, Scope } from "./Scope";
import { useQuestion, Workbench } from "./Workbench";

const TOP_MAX = 25;
const NONE = { event: "", filters: [] };

export default function CrosstabPage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("crosstab");
  const of = query.event === undefined ? "all" : query.measure;
  const setOf = (next: "all" | "people" | "events") => change(next === "all" ? { ...query, event: undefined, measure: "people" } : { ...query, event: query.event ?? NONE, measure: next });
  const form = (
    <>
      <div className="row">
        <Segmented value={of} onChange={setOf} options={(["people", "events", "all"] as const).map((one) => ({ value: one, label: t(`analyses.crosstab_${one}`) }))} />
      </div>
      {query.event && <EventRow any mark="A" value={query.event} open={query.event.event === ""} onChange={(event) => change({ ...query, event })} />}
      <div className="query-scope">
        <Dimension label={t("analyses.rows")} event={query.event?.event ?? ""} value={query.rows} onChange={(rows) => change({ ...query, rows })} />
      </div>
      <div className="query-scope">
        <Dimension label={t("analyses.columns")} event={query.event?.event ?? ""} value={query.columns} onChange={(columns) => change({ ...query, columns })} />
      </div>
      <div className="query-scope"><Scope value={query} onChange={change} /></div>
    </>
  );
  return (
    <Workbench kind="crosstab" query={query} form={form} empty={t("analyses.choose_crosstab")}>
      {(result) => <Answer query={query} result={result} />}
    </Workbench>
  );
}

/** A new question, a new table: what was chosen in the old one means nothing there. */
function Answer({ query, result }: { query: CrosstabQuery; result: CrosstabResult }) {
  return <CrosstabAnswer key={JSON.stringify([query.rows, query.columns])} query={query} result={result} />;
}

interface DimensionProps {
  label: string;
  event: string;
  value: CrosstabDimension;
  onChange: (dimension: CrosstabDimension) => void;
}

function Dimension({ label, event, value, onChange }: DimensionProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const segments = useSegments().data ?? [];
  const kind = (
    <Segmented
      value={value.kind}
      onChange={(next) => onChange(next === "segments" ? { kind: "segments", segments: [] } : { kind: "values", by: { kind: "attribute", name: "" }, top: 10 })}
      options={(["values", "segments"] as const).map((one) => ({ value: one, label: t(`analyses.dimension_${one}`) }))}
    />
  );
  if (value.kind === "segments") {
    const free = segments.filter((segment) => !value.segments.includes(segment.id));
    return (
      <>
        <span className="help">{label}</span>
        {kind}
        {value.segments.map((id) => <Pick key={id} allowClear aria-label={t("nav.segments")} style={{ minWidth: 130 }} value={id} options={segments.filter((segment) => segment.id === id || !value.segments.includes(segment.id)).map((segment) => ({ value: segment.id, label: segment.name }))} onChange={(next: number | undefined) => onChange({ ...value, segments: next === undefined ? value.segments.filter((own) => own !== id) : value.segments.map((own) => (own === id ? next : own)) })} />)}
        {value.segments.length < TOP_MAX && free.length > 0 && <Pick key="more" aria-label={t("analyses.add_segment")} placeholder={t("analyses.add_segment")} style={{ minWidth: 130 }} value={undefined} options={free.map((segment) => ({ value: segment.id, label: segment.name }))} onChange={(next: number) => onChange({ ...value, segments: [...value.segments, next] })} />}
      </>
    );
  }
  const chosen = value.by.kind === "tag" || value.by.kind === "item" || value.by.name !== "";
  return (
    <>
      <span className="help">{label}</span>
      {kind}
      <BreakdownPick event={event} value={chosen ? value.by : undefined} onChange={(by) => onChange({ ...value, by: by ?? { kind: "attribute", name: "" }, edges: undefined })} />
      <Edges key={JSON.stringify(value.by)} value={value.edges} per={moneyOf(value) ? format.minorPerUnit : 1} onChange={(edges) => onChange({ ...value, edges })} />
      {!value.edges?.length && <NumberPick label={t("analyses.top")} value={value.top} least={1} most={TOP_MAX} onChange={(top) => onChange({ ...value, top })} />}
    </>
  );
}

interface EdgesProps {
  value?: number[];
  /** Money is typed in the currency, not in minor units. */
  per: number;
  onChange: (edges: number[] | undefined) => void;
}

/** `10, 100, 1000`: where bins of numbers end. */
function Edges({ value, per, onChange }: EdgesProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(value?.map((edge) => edge / per).join(", ") ?? "");
  const take = (next: string) => {
    setText(next);
    const numbers = next.split(/[,，\s]+/).filter((part) => part !== "").map((part) => Number(part) * per);
    const edges = [...new Set(numbers.filter(Number.isFinite))].sort((a, b) => a - b);
    if (edges.length === numbers.length) onChange(edges.length > 0 ? edges : undefined);
  };
  return <Input style={{ width: 170 }} aria-label={t("analyses.edges")} placeholder={t("analyses.edges_example")} value={text} onChange={(event) => take(event.target.value)} />;
}
