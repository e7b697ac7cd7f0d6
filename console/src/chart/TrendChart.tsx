/** Lines or bars over time. Incomplete buckets are dashed or hatched; every point opens something. */
import { useEffect, useMemo, useRef } from "react";
import { useTheme } from "../ui";
import { FONT, PALETTE, TOKENS, type Mode } from "../ui/tokens";
import { useChartFrame } from "./ChartFrame";
import { notesOf, withDay } from "./marks";
import { init, type ECharts, type EChartsCoreOption } from "./echarts";

const PAGE_HEIGHT = 340;
const TILE_HEIGHT = 248;

export interface ChartLine {
  key: string;
  name: string;
  values: (number | null)[];
  format: (value: number) => string;
  /** For the axis, where space is short. */
  compact: (value: number) => string;
  /** Dashed, in the colour of this other line: what it is compared with. */
  behind?: number;
  /** In another unit: on an axis of its own at the right. */
  right?: boolean;
}

interface TrendChartProps {
  buckets: { label: string; complete: boolean }[];
  lines: ChartLine[];
  kind: "line" | "bar";
  /** Bars on top of one another; negative ones below the axis. */
  stacked?: boolean;
  label: string;
  onPoint?: (line: number, bucket: number) => void;
  height?: number;
}

export default function TrendChart({ buckets, lines, kind, stacked = false, label, onPoint, height }: TrendChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | null>(null);
  const point = useRef(onPoint);
  const nearest = useRef<((bucket: number, value: number) => number | null) | null>(null);
  const { mode } = useTheme();
  const { notes, tile } = useChartFrame();
  const marked = useMemo(() => notesOf(buckets.map((bucket) => bucket.label), notes), [buckets, notes]);

  useEffect(() => {
    point.current = onPoint;
    nearest.current = kind === "line" || (lines.length === 1 && !stacked) ? (bucket, value) => nearestLine(lines, bucket, value) : null;
  }, [onPoint, lines, kind, stacked]);

  useEffect(() => {
    if (!box.current) return;
    // Sharp enough for a picture that is enlarged, whatever the screen is.
    const made = init(box.current, null, { devicePixelRatio: Math.max(2, window.devicePixelRatio) });
    chart.current = made;
    made.on("click", { seriesType: "bar" }, (event) => {
      if (typeof event.seriesIndex === "number" && typeof event.dataIndex === "number") point.current?.(event.seriesIndex, event.dataIndex);
    });
    // Of lines, the one nearest to the click: points are small and hands are not steady.
    made.getZr().on("click", (event) => {
      const at = [event.offsetX, event.offsetY];
      if (nearest.current === null || !made.containPixel("grid", at)) return;
      const [bucket, value] = made.convertFromPixel("grid", at);
      const hit = nearest.current(Math.round(bucket ?? 0), value ?? 0);
      if (hit !== null) point.current?.(hit, Math.round(bucket ?? 0));
    });
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(box.current);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    const option = kind === "line" ? lineSeries(buckets, lines, mode) : barSeries(buckets, lines, mode, stacked);
    chart.current?.setOption({ ...frame(buckets, lines, mode, marked), series: [...option, ...flags(marked, mode)] }, { notMerge: true });
  }, [buckets, lines, kind, stacked, mode, marked]);

  // The chart library describes its lines itself; what happened on days is said beside them, and taken into pictures.
  const said = [...marked.entries()].flatMap(([at, texts]) => texts.map((text) => withDay(buckets[at]?.label ?? "", text)));
  return (
    <>
      <div ref={box} role="img" aria-label={label} style={{ height: height ?? (tile ? TILE_HEIGHT : PAGE_HEIGHT), width: "100%" }} />
      {said.length > 0 && <ul className="sr-only">{said.map((text) => <li key={text} data-note={text}>{text}</li>)}</ul>}
    </>
  );
}

/** Dotted lines with a flag where something happened; the tooltip of the bucket says what. */
function flags(marked: Map<number, string[]>, mode: Mode): EChartsCoreOption[] {
  if (marked.size === 0) return [];
  const color = TOKENS[mode].warning;
  return [{
    id: "notes",
    type: "line",
    data: [],
    markLine: {
      silent: true,
      animation: false,
      symbol: ["none", "triangle"],
      symbolSize: 9,
      symbolRotate: 180,
      label: { show: false },
      lineStyle: { color, type: "dotted", width: 1.5 },
      itemStyle: { color },
      data: [...marked.keys()].map((at) => ({ xAxis: at })),
    },
  }];
}

function nearestLine(lines: ChartLine[], bucket: number, value: number): number | null {
  let best: number | null = null;
  let distance = Number.POSITIVE_INFINITY;
  lines.forEach((line, index) => {
    const at = line.values[bucket];
    if (line.right || at === null || at === undefined || Math.abs(at - value) >= distance) return;
    best = index;
    distance = Math.abs(at - value);
  });
  return best;
}

function lineSeries(buckets: TrendChartProps["buckets"], lines: ChartLine[], mode: Mode): EChartsCoreOption[] {
  const firstIncomplete = buckets.findIndex((bucket) => !bucket.complete);
  const last = firstIncomplete === -1 ? buckets.length : firstIncomplete;
  const base = (line: ChartLine, index: number) => ({
    name: line.name,
    type: "line",
    yAxisIndex: line.right ? 1 : 0,
    smooth: false,
    symbol: "circle",
    symbolSize: buckets.length > 45 ? 4 : 6,
    showSymbol: true,
    triggerLineEvent: false,
    color: colourOf(mode, line.behind ?? index),
  });
  const whole = lines.map((line, index) => ({
    ...base(line, index),
    // What it is compared with is over.
    data: line.values.map((value, at) => (at < last || line.behind !== undefined ? value : null)),
    lineStyle: line.behind === undefined ? { width: 2 } : { width: 1.5, type: "dashed", opacity: 0.6 },
  }));
  if (last === buckets.length) return whole;
  const tails = lines.filter((line) => line.behind === undefined).map((line, index) => ({
    ...base(line, index),
    id: `tail-${line.key}`,
    data: line.values.map((value, at) => (at >= last - 1 ? value : null)),
    lineStyle: { width: 2, type: "dashed", color: colourOf(mode, index) },
    itemStyle: { color: TOKENS[mode].surface, borderColor: colourOf(mode, index), borderWidth: 2 },
  }));
  return [...whole, ...tails];
}

function barSeries(buckets: TrendChartProps["buckets"], lines: ChartLine[], mode: Mode, stacked: boolean): EChartsCoreOption[] {
  const hatch = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: -Math.PI / 4, color: mode === "dark" ? "rgba(0,0,0,.45)" : "rgba(255,255,255,.6)" };
  return lines.map((line, index) => ({
    name: line.name,
    type: "bar",
    yAxisIndex: line.right ? 1 : 0,
    color: colourOf(mode, line.behind ?? index),
    barMaxWidth: 36,
    stack: stacked ? "all" : undefined,
    itemStyle: { opacity: line.behind === undefined ? 1 : 0.4, borderRadius: stacked ? 0 : [3, 3, 0, 0] },
    data: line.values.map((value, at) => (buckets[at]?.complete === false ? { value, itemStyle: { decal: hatch } } : value)),
  }));
}

function colourOf(mode: Mode, index: number): string {
  const palette = PALETTE[mode];
  return palette[index % palette.length] ?? TOKENS[mode].brand;
}

/** The axis of a line's unit; only one of them draws the grid. */
function axis(of: ChartLine | undefined, grid: boolean, mode: Mode): EChartsCoreOption {
  const t = TOKENS[mode];
  return { type: "value", splitLine: { show: grid, lineStyle: { color: t.line } }, axisLabel: { color: t["text-2"], fontFamily: FONT, fontSize: 12, formatter: (value: number) => of?.compact(value) ?? String(value) } };
}

function frame(buckets: TrendChartProps["buckets"], lines: ChartLine[], mode: Mode, marked: Map<number, string[]>): EChartsCoreOption {
  const t = TOKENS[mode];
  const text = { color: t["text-2"], fontFamily: FONT, fontSize: 12 };
  const byName = new Map(lines.map((line) => [line.name, line]));
  return {
    animation: false,
    textStyle: text,
    aria: { enabled: true, decal: { show: false } },
    grid: { left: 8, right: 16, top: lines.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
    legend: { show: lines.length > 1, top: 0, left: 0, type: "scroll", icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: text, data: lines.map((line) => line.name) },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: t.raised,
      borderColor: t.line,
      textStyle: { ...text, color: t.text },
      axisPointer: { lineStyle: { color: t["line-strong"] } },
      formatter: (raw: unknown) => tooltip(raw, buckets, byName, marked),
    },
    xAxis: {
      type: "category",
      data: buckets.map((bucket) => bucket.label),
      axisLine: { lineStyle: { color: t["line-strong"] } },
      axisTick: { show: false },
      axisLabel: { ...text, hideOverlap: true },
    },
    yAxis: [axis(lines.find((line) => !line.right), true, mode), ...lines.filter((line) => line.right).slice(0, 1).map((line) => axis(line, false, mode))],
  };
}

interface TooltipPoint {
  seriesName: string;
  dataIndex: number;
  color: unknown;
  value: number | null;
}

function isPoints(raw: unknown): raw is TooltipPoint[] {
  return Array.isArray(raw) && raw.every((point: unknown) => typeof point === "object" && point !== null && "seriesName" in point);
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** Exact values, the largest first, and the change against the bucket before. */
function tooltip(raw: unknown, buckets: TrendChartProps["buckets"], byName: Map<string, ChartLine>, marked: Map<number, string[]>): string {
  if (!isPoints(raw) || raw.length === 0) return "";
  const at = raw[0]?.dataIndex ?? 0;
  const seen = new Map<string, TooltipPoint>();
  for (const point of raw) if (point.value !== null && point.value !== undefined) seen.set(point.seriesName, point);
  const rows = [...seen.values()].map((point) => {
    const line = byName.get(point.seriesName);
    const value = Number(point.value);
    const before = at > 0 ? line?.values[at - 1] : null;
    const change = before ? ` <span style="opacity:.7">${value >= before ? "+" : "−"}${Math.abs(Math.round((1000 * (value - before)) / before) / 10)}%</span>` : "";
    const dot = `<i style="display:inline-block;width:8px;height:8px;border-radius:4px;margin-right:6px;background:${escape(String(typeof point.color === "string" ? point.color : "currentColor"))}"></i>`;
    return { value, html: `<div>${dot}${escape(point.seriesName)} <b style="margin-left:12px">${escape(line?.format(value) ?? String(value))}</b>${change}</div>` };
  });
  const notes = (marked.get(at) ?? []).map((note) => `<div style="margin-top:4px;max-width:280px;white-space:normal">⚑ ${escape(note)}</div>`).join("");
  const body = rows.toSorted((a, b) => b.value - a.value).map((row) => row.html).join("");
  return `<div style="font-weight:600;margin-bottom:4px">${escape(buckets[at]?.label ?? "")}</div>${body}${notes}`;
}
