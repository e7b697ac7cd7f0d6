/** A funnel's answer: the steps, the groups beside each other, and the people behind each number. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FunnelGroup, FunnelQuery, FunnelResult, Group } from "../../api/types";
import { useNames } from "../../app/names";
import { Steps } from "../../chart";
import { DataTable, type Column } from "../../table";
import { Bar, Panel, TextButton, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";

interface FunnelAnswerProps {
  query: FunnelQuery;
  result: FunnelResult;
}

export function FunnelAnswer({ query, result }: FunnelAnswerProps) {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const [cell, setCell] = useState<Cell | null>(null);
  const whole = result.groups[0];
  const open = (step: number, dropped: boolean, group: Group) => {
    if (group.kind === "other") return;
    const name = names.event(query.steps[step]?.event ?? "");
    setCell({ kind: "funnel", query, cell: { step, dropped, group }, title: t(dropped ? "analyses.dropped_after" : "analyses.reached", { step: name }) });
  };
  if (!whole) return null;
  const first = whole.steps[0]?.people ?? 0;
  const last = whole.steps.at(-1)?.people ?? 0;
  return (
    <div className="stack">
      <Panel
        title={<span className="totals"><span><span className="stat-label">{t("analyses.conversion")}</span><strong className="total">{first > 0 ? format.percent(last / first, 2) : "–"}</strong></span></span>}
        extra={!result.complete && <span className="help">{t("analyses.funnel_incomplete")}</span>}
      >
        <Steps
          droppedLabel={t("analyses.dropped")}
          reachedLabel={t("analyses.reached_label")}
          onReached={(step) => open(step, false, whole.group)}
          onDropped={(step) => open(step, true, whole.group)}
          steps={whole.steps.map((step, index) => ({
            key: String(index),
            name: names.event(step.event),
            people: step.people,
            note: step.median_millis === null || index === 0 ? undefined : t("analyses.median", { time: format.duration(step.median_millis) }),
          }))}
        />
      </Panel>
      {result.groups.length > 1 && <GroupTable groups={result.groups} onOpen={open} />}
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </div>
  );
}

function conversion(row: FunnelGroup): number {
  const first = row.steps[0]?.people ?? 0;
  return first > 0 ? (row.steps.at(-1)?.people ?? 0) / first : 0;
}

function GroupTable({ groups, onOpen }: { groups: FunnelGroup[]; onOpen: (step: number, dropped: boolean, group: Group) => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const columns: Column<FunnelGroup>[] = [
    { key: "group", title: t("analyses.breakdown"), cell: (row) => <span className="strong">{names.group(row.group)}</span> },
    ...(groups[0]?.steps ?? []).map((step, index) => ({
      key: String(index),
      title: `${index + 1} ${names.event(step.event)}`,
      align: "end" as const,
      sort: (row: FunnelGroup) => row.steps[index]?.people ?? 0,
      cell: (row: FunnelGroup) => <TextButton onClick={() => onOpen(index, false, row.group)}>{format.number(row.steps[index]?.people ?? 0)}</TextButton>,
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
