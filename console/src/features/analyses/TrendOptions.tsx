/** What is made of a trend's numbers: formulas, cumulative, moving average, an earlier period, further breakdowns. */
import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Breakdown, TrendCompare, TrendQuery, TrendShape } from "../../api/types";
import { IconButton, Input, InputNumber, Pick } from "../../ui";
import { BreakdownPick } from "./BreakdownPick";
import { letter } from "./questions";

const COMPARES: TrendCompare[] = ["previous", "week", "month", "year"];
const SHAPES: TrendShape["kind"][] = ["plain", "cumulative", "average"];
const THEN_BY_MAX = 2;
const GROUPS_MAX = 25;
const AVERAGE_MAX = 90;
const WEEK = 7;
/** Long enough to type on, short enough to feel at once. */
const TYPING_MS = 400;

interface OptionsProps {
  query: TrendQuery;
  onChange: (query: TrendQuery) => void;
}

/** A shape to begin with. */
function shapeOf(kind: TrendShape["kind"]): TrendShape | undefined {
  if (kind === "plain") return undefined;
  return kind === "average" ? { kind, buckets: WEEK } : { kind };
}

export function TrendOptions({ query, onChange }: OptionsProps) {
  const { t } = useTranslation();
  const shape = query.shape ?? { kind: "plain" };
  return (
    <div className="query-scope">
      <Pick aria-label={t("analyses.shape")} style={{ minWidth: 120 }} value={shape.kind} onChange={(kind) => onChange({ ...query, shape: shapeOf(kind) })} options={SHAPES.map((kind) => ({ value: kind, label: t(`analyses.shape_${kind}`) }))} />
      {shape.kind === "average" && <InputNumber min={2} max={AVERAGE_MAX} precision={0} style={{ width: 64 }} aria-label={t("analyses.shape_average")} value={shape.buckets} onChange={(buckets) => buckets && onChange({ ...query, shape: { kind: "average", buckets } })} />}
      <Pick
        allowClear
        aria-label={t("analyses.compare")}
        placeholder={t("analyses.compare")}
        style={{ minWidth: 130 }}
        value={query.compare}
        onChange={(compare: TrendCompare | undefined) => onChange({ ...query, compare })}
        options={COMPARES.map((compare) => ({ value: compare, label: t(`analyses.compare_${compare}`) }))}
      />
      <ThenBy query={query} onChange={onChange} />
    </div>
  );
}

/** Breakdowns within the first, and how many groups stand on their own. */
function ThenBy({ query, onChange }: OptionsProps) {
  const { t } = useTranslation();
  if (!query.breakdown) return null;
  const more = query.then_by ?? [];
  const set = (index: number, breakdown: Breakdown | undefined) => {
    const next = breakdown === undefined ? more.filter((_, at) => at !== index) : [...more.slice(0, index), breakdown, ...more.slice(index + 1)];
    onChange({ ...query, then_by: next.length > 0 ? next : undefined });
  };
  const shown = more.length < THEN_BY_MAX ? more.length + 1 : more.length;
  return (
    <>
      {Array.from({ length: shown }, (_, index) => <BreakdownPick key={index} event={query.series[0]?.event ?? ""} placeholder={t("analyses.then_by")} value={more[index]} onChange={(breakdown) => set(index, breakdown)} />)}
      <span className="row row-tight">
        <span className="help">{t("analyses.top")}</span>
        <InputNumber min={1} max={GROUPS_MAX} precision={0} style={{ width: 60 }} aria-label={t("analyses.top")} value={query.top ?? GROUPS_MAX} onChange={(top) => top && onChange({ ...query, top: top === GROUPS_MAX ? undefined : top })} />
      </span>
    </>
  );
}

interface FormulaRowProps {
  at: number;
  value: string;
  onChange: (formula: string) => void;
  onRemove: () => void;
}

/** One formula, asked for once typing pauses. */
export function FormulaRow({ at, value, onChange, onRemove }: FormulaRowProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text.trim() === "" || text === value) return;
    const timer = setTimeout(() => onChange(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <div className="query-row">
      <span className="query-mark num">{letter(at)}</span>
      <div className="grow row row-tight">
        <Input style={{ maxWidth: 320 }} aria-label={t("analyses.formula")} placeholder="A / B" value={text} onChange={(event) => setText(event.target.value)} />
        <span className="help">{t("analyses.formula_help")}</span>
      </div>
      <IconButton label={t("condition.remove")} icon={<X size={15} />} onClick={onRemove} />
    </div>
  );
}
