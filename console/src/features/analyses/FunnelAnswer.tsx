/** A funnel's answer: the steps, how long they took, how it develops, the groups beside each other, and the people behind each number. */
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FunnelCell, FunnelGroup, FunnelQuery, FunnelResult, FunnelStep, Group } from "../../api/types";
import { useNames } from "../../app/names";
import { Distribution, Steps } from "../../chart";
import type { ChartLine } from "../../chart/TrendChart";
import { DataTable, type Column } from "../../table";
import { Bar, Panel, Segmented, Skeleton, TextButton, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { useGroupName } from "./groupName";
import { GroupPick } from "./GroupPick";

const TrendChart = lazy(() => import("../../chart/TrendChart"));

interface FunnelAnswerProps {
  query: FunnelQuery;
  result: FunnelResult;
}

type Open = (cell: Partial<FunnelCell> & { step: number }, group: Group, title?: string) => void;

/** What a step is called; of steps in any order only how many are done. */
function useStepName(query: FunnelQuery): (index: number) => string {
  const { t } = useTranslation();
  const names = useNames();
  return (index) => {
    if (query.order === "any") return t("analyses.steps_done", { count: index + 1 });
    const step = query.steps[index];
    return step ? [step, ...(step.or ?? [])].map((event) => names.event(event.event)).join(" / ") : "";
  };
}

export function FunnelAnswer({ query, result }: FunnelAnswerProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const stepName = useStepName(query);
  const [cell, setCell] = useState<Cell | null>(null);
  const [view, setView] = useState<"steps" | "times" | "trend">("steps");
  const [at, setAt] = useState(0);
  const open: Open = (part, group, title) => {
    const dropped = part.dropped ?? false;
    setCell({ kind: "funnel", query, cell: { ...part, dropped, group }, title: title ?? [t(dropped ? "analyses.dropped_after" : "analyses.reached", { step: stepName(part.step) }), part.bucket].filter(Boolean).join(" · ") });
  };
  const group = result.groups[at] ?? result.groups[0];
  if (!group) return null;
  const first = group.steps[0]?.people ?? 0;
  const last = group.steps.at(-1)?.people ?? 0;
  const views = [{ value: "steps" as const, label: t("analyses.view_steps") }, { value: "times" as const, label: t("analyses.view_times") }, ...(query.trend ? [{ value: "trend" as const, label: t("analyses.view_trend") }] : [])];
  const shown = view === "trend" && !query.trend ? "steps" : view;
  return (
    <div className="stack">
      <Panel
        title={<span className="totals"><span><span className="stat-label">{t("analyses.conversion")}</span><strong className="total">{first > 0 ? format.percent(last / first, 2) : "–"}</strong></span></span>}
        extra={<><GroupPick groups={result.groups.map((item) => item.group)} at={at} onPick={setAt} /><Segmented value={shown} onChange={setView} options={views} /></>}
      >
        {shown === "steps" && <StepBars query={query} group={group} onOpen={open} />}
        {shown === "times" && <Times query={query} group={group} bins={result.bins} onOpen={open} />}
        {shown === "trend" && <Development query={query} result={result} group={group} onOpen={open} />}
        <Notes query={query} result={result} />
      </Panel>
      {result.groups.length > 1 && <GroupTable query={query} groups={result.groups} onOpen={open} />}
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </div>
  );
}

/** What one must know to read the numbers. */
function Notes({ query, result }: FunnelAnswerProps) {
  const { t } = useTranslation();
  const notes = [
    !result.complete && t("analyses.funnel_incomplete"),
    query.count && query.count.kind !== "people" && t(`analyses.counts_${query.count.kind}`),
    query.breakdown?.kind === "segments" && t("analyses.segments_overlap"),
    query.attribution?.kind === "all_steps" && t("analyses.values_overlap"),
    (query.exclusions ?? []).length > 0 && t("analyses.exclusions_note"),
  ];
  return notes.filter((note) => note !== false && note !== undefined).map((note) => <p key={String(note)} className="help small">{note}</p>);
}

function StepBars({ query, group, onOpen }: { query: FunnelQuery; group: FunnelGroup; onOpen: Open }) {
  const { t } = useTranslation();
  const format = useFormats();
  const stepName = useStepName(query);
  const note = (step: FunnelStep) => (step.since_before === null ? undefined : t("analyses.median", { time: format.duration(step.since_before.median) }));
  return (
    <Steps
      droppedLabel={t("analyses.dropped")}
      reachedLabel={t("analyses.reached_label")}
      onReached={(step) => onOpen({ step }, group.group)}
      onDropped={(step) => onOpen({ step, dropped: true }, group.group)}
      steps={group.steps.map((step, index) => ({
        key: String(index),
        name: query.steps[index]?.optional ? `${stepName(index)} (${t("analyses.optional")})` : stepName(index),
        people: step.people,
        note: index === 0 ? undefined : note(step),
        apart: query.steps[index]?.optional || query.steps[index - 1]?.optional,
      }))}
    />
  );
}

/** How long each step took, and all of them together. */
function Times({ query, group, bins, onOpen }: { query: FunnelQuery; group: FunnelGroup; bins: number[]; onOpen: Open }) {
  const { t } = useTranslation();
  const format = useFormats();
  const stepName = useStepName(query);
  const last = query.steps.length - 1;
  const name = (index: number) => {
    const [least, most] = [bins[index - 1], bins[index] ?? 0];
    return least === undefined ? t("analyses.bin_below", { to: format.duration(most) }) : t("analyses.bin_between", { from: format.duration(least), to: format.duration(most) });
  };
  const rows = group.steps.map((step, index) => ({ key: String(index), name: `${index + 1} ${stepName(index)}`, marks: step.since_before })).slice(1);
  const total = group.steps.at(-1)?.since_first ?? null;
  if (rows.length > 1) rows.push({ key: "total", name: t("analyses.time_total"), marks: total });
  const mark = (key: "mean" | "p25" | "median" | "p75" | "p90", title: string): Column<(typeof rows)[number]> => ({ key, title, align: "end", wideOnly: key === "p25" || key === "p75", cell: (row) => (row.marks === null ? "–" : format.duration(row.marks[key])) });
  const columns: Column<(typeof rows)[number]>[] = [
    { key: "name", title: t("analyses.time_from_before"), cell: (row) => row.name },
    mark("mean", t("analyses.mean")),
    mark("p25", t("analyses.p25")),
    mark("median", t("analyses.median_label")),
    mark("p75", t("analyses.p75")),
    mark("p90", t("analyses.p90")),
  ];
  return (
    <div className="stack">
      <DataTable label={t("analyses.view_times")} columns={columns} rows={rows} rowKey={(row) => row.key} />
      {bins.length > 0 && (
        <Distribution
          rows={group.histogram.map((count, index) => ({ key: String(index), name: name(index), value: count }))}
          onOpen={(key) => onOpen({ step: last, at_least: bins[Number(key) - 1], less_than: Number(key) + 1 === bins.length ? undefined : bins[Number(key)] }, group.group, name(Number(key)))}
        />
      )}
    </div>
  );
}

/** Conversion by the day, week or month of the first step. */
function Development({ query, result, group, onOpen }: FunnelAnswerProps & { group: FunnelGroup; onOpen: Open }) {
  const { t } = useTranslation();
  const format = useFormats();
  const [what, setWhat] = useState<"share" | "people">("share");
  const stepName = useStepName(query);
  const buckets = useMemo(() => result.buckets.map((bucket) => ({ label: bucket.start, complete: bucket.complete })), [result.buckets]);
  const lines = query.steps.slice(what === "share" ? 1 : 0).map((_, index): ChartLine => {
    const step = what === "share" ? index + 1 : index;
    const values = group.trend.map((people) => (what === "people" ? (people[step] ?? 0) : (people[0] ?? 0) > 0 ? (people[step] ?? 0) / (people[0] ?? 1) : null));
    const text = what === "people" ? (value: number) => format.number(value) : (value: number) => format.percent(value);
    return { key: String(step), name: `${step + 1} ${stepName(step)}`, values, format: text, compact: text };
  });
  return (
    <div className="stack">
      <span><Segmented value={what} onChange={setWhat} options={[{ value: "share", label: t("analyses.conversion") }, { value: "people", label: t("analyses.measure_people") }]} /></span>
      <Suspense fallback={<Skeleton rows={8} />}>
        <TrendChart buckets={buckets} lines={lines} kind="line" label={t("analyses.view_trend")} onPoint={(line, bucket) => onOpen({ step: what === "share" ? line + 1 : line, bucket: result.buckets[bucket]?.start }, group.group)} />
      </Suspense>
      <p className="help small">{t("analyses.funnel_trend_note")}</p>
    </div>
  );
}

function conversion(row: FunnelGroup): number {
  const first = row.steps[0]?.people ?? 0;
  return first > 0 ? (row.steps.at(-1)?.people ?? 0) / first : 0;
}

function GroupTable({ query, groups, onOpen }: { query: FunnelQuery; groups: FunnelGroup[]; onOpen: Open }) {
  const { t } = useTranslation();
  const groupName = useGroupName();
  const format = useFormats();
  const stepName = useStepName(query);
  const columns: Column<FunnelGroup>[] = [
    { key: "group", title: t("analyses.breakdown"), cell: (row) => <span className="strong" style={{ whiteSpace: "nowrap" }}>{groupName(row.group)}</span> },
    ...(groups[0]?.steps ?? []).map((_, index) => ({
      key: String(index),
      title: `${index + 1} ${stepName(index)}`,
      align: "end" as const,
      sort: (row: FunnelGroup) => row.steps[index]?.people ?? 0,
      cell: (row: FunnelGroup) => <TextButton onClick={() => onOpen({ step: index }, row.group)}>{format.number(row.steps[index]?.people ?? 0)}</TextButton>,
    })),
    {
      key: "conversion",
      title: t("analyses.conversion"),
      align: "end",
      width: 160,
      sort: conversion,
      cell: (row) => <div className="row" style={{ justifyContent: "flex-end" }}><span className="grow"><Bar share={conversion(row)} /></span><span className="num">{format.percent(conversion(row))}</span></div>,
    },
  ];
  return <DataTable label={t("analyses.breakdown")} columns={columns} rows={groups} rowKey={(row) => JSON.stringify(row.group)} />;
}
