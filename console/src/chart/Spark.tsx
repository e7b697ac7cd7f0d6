/** Small pictures of a series, drawn as SVG so that the first page needs no chart library. */
import { useId, useMemo, useState, type PointerEvent } from "react";
import { useChartFrame } from "./ChartFrame";
import { notesOf, withDay } from "./marks";

interface SparkProps {
  values: number[];
  label: string;
  height?: number;
}

function pathOf(values: number[], width: number, height: number): string {
  const max = Math.max(1, ...values);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  return values.map((value, index) => `${index === 0 ? "M" : "L"}${(index * step).toFixed(2)} ${(height - (value / max) * (height - 4) - 2).toFixed(2)}`).join("");
}

/** A line the size of a word. */
export function Spark({ values, label, height = 24 }: SparkProps) {
  if (values.length < 2) return null;
  return (
    <svg className="spark" viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" role="img" aria-label={label} style={{ height }}>
      <path d={pathOf(values, 100, height)} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

interface AreaProps {
  points: { label: string; value: number; text: string }[];
  label: string;
  height?: number;
}

/** One series over days with the value under the pointer; the last, running day is dashed. */
export function Area({ points, label, height = 180 }: AreaProps) {
  const [hover, setHover] = useState<number | null>(null);
  const { notes } = useChartFrame();
  const marked = useMemo(() => notesOf(points.map((point) => point.label), notes), [points, notes]);
  const gradient = useId();
  const width = 1000;
  const values = points.map((point) => point.value);
  const whole = pathOf(values, width, height);
  const max = Math.max(1, ...values);
  const step = points.length > 1 ? width / (points.length - 1) : width;
  const y = (value: number) => height - (value / max) * (height - 4) - 2;
  const cut = points.length - 1;
  const done = whole.slice(0, whole.lastIndexOf("L"));
  const move = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = Math.round(((event.clientX - box.left) / box.width) * (points.length - 1));
    setHover(Math.max(0, Math.min(points.length - 1, at)));
  };
  const shown = hover === null ? null : points[hover];
  return (
    <>
      <div className="area" onPointerMove={move} onPointerLeave={() => setHover(null)} role="img" aria-label={label}>
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" style={{ height }} aria-hidden>
          <defs>
            <linearGradient id={gradient} x1="0" y1="0" x2="0" y2="1">
              <stop offset="0" stopColor="var(--series-0)" stopOpacity="0.22" />
              <stop offset="1" stopColor="var(--series-0)" stopOpacity="0" />
            </linearGradient>
          </defs>
          <line x1="0" x2={width} y1={2} y2={2} className="area-grid" />
          {[0.25, 0.5, 0.75].map((part) => <line key={part} x1="0" x2={width} y1={height * part} y2={height * part} className="area-grid" />)}
          {points.length > 1 && <path d={`${whole}L${width} ${height}L0 ${height}Z`} fill={`url(#${gradient})`} />}
          {points.length > 1 && <path d={done} className="area-line" vectorEffect="non-scaling-stroke" />}
          {points.length > 1 && (
            <line
              x1={(cut - 1) * step} y1={y(values[cut - 1] ?? 0)} x2={cut * step} y2={y(values[cut] ?? 0)}
              className="area-line area-dashed" vectorEffect="non-scaling-stroke"
            />
          )}
          {[...marked.keys()].map((at) => <line key={at} x1={at * step} x2={at * step} y1="0" y2={height} className="area-note" vectorEffect="non-scaling-stroke" />)}
          {hover !== null && <line x1={hover * step} x2={hover * step} y1="0" y2={height} className="area-cursor" vectorEffect="non-scaling-stroke" />}
        </svg>
        {[...marked.keys()].map((at) => <i key={at} className="area-flag" style={{ left: `${points.length > 1 ? (100 * at) / (points.length - 1) : 0}%` }} aria-hidden />)}
        <span className="area-max num">{points.find((point) => point.value === max)?.text}</span>
        <div className="area-axis">
          <span>{points[0]?.label}</span>
          <strong className="num">{shown ? [`${shown.label} · ${shown.text}`, ...(marked.get(hover ?? -1) ?? []).map((note) => `⚑ ${note}`)].join(" · ") : ""}</strong>
          <span>{points.at(-1)?.label}</span>
        </div>
      </div>
      {marked.size > 0 && <ul className="sr-only">{[...marked].flatMap(([at, texts]) => texts.map((text) => withDay(points[at]?.label ?? "", text))).map((text) => <li key={text} data-note={text}>{text}</li>)}</ul>}
    </>
  );
}
