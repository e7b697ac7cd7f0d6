/** What people do one after another: before, after, or from the beginning. */
import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { EventMatch, PathAnchor, PathName, PathQuery, PathResult } from "../../api/types";
import { useNames } from "../../app/names";
import { Sankey } from "../../chart";
import { usePropertyOptions } from "../../condition";
import { Button, Checkbox, Panel, Pick, useFormats } from "../../ui";
import { CellDrawer, type Cell } from "./CellDrawer";
import { DurationPick } from "./DurationPick";
import { EventRow } from "./EventRow";
import { NumberPick } from "./NumberPick";
import { Scope } from "./Scope";
import { useQuestion, Workbench } from "./Workbench";

const EVENTS_MAX = 50;
const STEPS_MAX = 12;
const NODES_MAX = 20;
const ANCHORS: PathAnchor["kind"][] = ["beginning", "from", "to"];

export default function PathPage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("path");
  const properties = usePropertyOptions(query.events[0]?.event ?? "");
  const setEvent = (index: number, event: EventMatch) => change({ ...query, events: query.events.with(index, event) });
  const anchored = (kind: PathAnchor["kind"]): PathAnchor => (kind === "beginning" ? { kind } : { kind, event: query.anchor.kind === "beginning" ? { event: "", filters: [] } : query.anchor.event });
  const { anchor } = query;
  const form = (
    <>
      {query.events.map((event, index) => (
        <EventRow key={index} any mark={index + 1} value={event} open={event.event === ""} onChange={(next) => setEvent(index, next)} onRemove={query.events.length > 1 ? () => change({ ...query, events: query.events.filter((_, at) => at !== index) }) : undefined} />
      ))}
      {anchor.kind !== "beginning" && <EventRow mark={anchor.kind === "from" ? "↦" : "⇥"} value={anchor.event} open={anchor.event.event === ""} onChange={(event) => change({ ...query, anchor: { ...anchor, event } })} />}
      <div className="query-scope">
        <Button size="small" icon={<Plus size={14} />} disabled={query.events.length >= EVENTS_MAX} onClick={() => change({ ...query, events: [...query.events, { event: "", filters: [] }] })}>{t("analyses.add_series")}</Button>
        <Pick aria-label={t("analyses.anchor")} style={{ minWidth: 140 }} value={anchor.kind} onChange={(kind) => change({ ...query, anchor: anchored(kind) })} options={ANCHORS.map((kind) => ({ value: kind, label: t(`analyses.anchor_${kind}`) }))} />
        <span className="grow" />
        <Scope value={query} onChange={change} />
        <Pick allowClear aria-label={t("analyses.split")} placeholder={t("analyses.split")} style={{ minWidth: 120 }} value={query.split} onChange={(split: string | undefined) => change({ ...query, split })} options={properties} />
        <DurationPick label={t("analyses.gap")} value={query.gap_seconds ?? 1_800} onChange={(gap) => change({ ...query, gap_seconds: gap })} />
        <NumberPick label={t("analyses.steps")} value={query.steps} least={2} most={STEPS_MAX} onChange={(steps) => change({ ...query, steps })} />
        <NumberPick label={t("analyses.nodes")} value={query.nodes} least={1} most={NODES_MAX} onChange={(nodes) => change({ ...query, nodes })} />
        <Checkbox checked={query.collapse} onChange={(event) => change({ ...query, collapse: event.target.checked })}>{t("analyses.collapse")}</Checkbox>
      </div>
    </>
  );
  return (
    <Workbench kind="path" query={query} form={form} empty={t("analyses.choose_first")}>
      {(result) => <PathAnswer query={query} result={result} />}
    </Workbench>
  );
}

function keyOf(step: number, name: PathName): string {
  return `${step} ${JSON.stringify([name.kind, name.kind === "event" ? [name.event, name.value ?? null] : []])}`;
}

export function PathAnswer({ query, result }: { query: PathQuery; result: PathResult }) {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const [cell, setCell] = useState<Cell | null>(null);
  const back = query.anchor.kind === "to";
  const { nodes, edges } = useMemo(() => {
    const label = (name: PathName) => (name.kind === "other" ? t("analyses.group_other") : [names.event(name.event), name.value].filter(Boolean).join(" "));
    // What is read backwards is drawn from left to right all the same.
    const last = Math.max(0, ...result.nodes.map((node) => node.step));
    const column = (step: number) => (back ? last - step : step);
    const index = new Map(result.nodes.map((node, at) => [keyOf(node.step, node.name), at]));
    const at = (step: number, name: PathName) => index.get(keyOf(step, name)) ?? 0;
    return {
      nodes: result.nodes.map((node) => ({ column: column(node.step), name: label(node.name), value: node.count, rest: node.name.kind === "other" })),
      edges: result.edges.map((edge) => {
        const [from, to] = [at(edge.step, edge.from), at(edge.step + 1, edge.to)];
        return back ? { from: to, to: from, value: edge.count } : { from, to, value: edge.count };
      }),
    };
  }, [result, back, names, t]);
  if (result.total === 0) return <Panel><p className="help chart-empty">{t("analyses.no_paths")}</p></Panel>;
  const openNode = (index: number) => {
    const node = result.nodes[index];
    if (node) setCell({ kind: "path", query, cell: { step: node.step, name: node.name, ends: false }, title: nodes[index]?.name ?? "" });
  };
  const openEdge = (index: number) => {
    const edge = result.edges[index];
    const drawn = edges[index];
    if (edge && drawn) setCell({ kind: "path", query, cell: { step: edge.step, name: edge.from, to: edge.to, ends: false }, title: `${nodes[drawn.from]?.name} → ${nodes[drawn.to]?.name}` });
  };
  return (
    <Panel title={<span>{t("analyses.sessions_total", { count: result.total, number: format.number(result.total) })}</span>} extra={!result.complete && <span className="help">{t("analyses.range_open")}</span>} help={t("analyses.path_help")}>
      <Sankey nodes={nodes} edges={edges} label={t("nav.path")} format={format.number} onNode={openNode} onEdge={openEdge} />
      <CellDrawer open={cell} onClose={() => setCell(null)} />
    </Panel>
  );
}
