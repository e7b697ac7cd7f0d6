/** One event (or the attributes of people, or of items): what is declared, what arrives, and what drifts. */
import { useQuery } from "@tanstack/react-query";
import { ChartLine, ListChecks, Pencil, Undo2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEventValues } from "../../api/catalog";
import { get, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { PlanDeclared, PlanDrift, PlanPropertyItem, PlanSubjectDetail, SubjectKind } from "../../api/types";
import { useNames } from "../../app/names";
import { useGo, usePageSearch } from "../../app/router";
import { useSession } from "../../app/session";
import { Distribution } from "../../chart";
import { paths } from "../../paths";
import { DataTable, type Column } from "../../table";
import { Ago, Button, DateTime, IconButton, Label, Loaded, Num, Page, Panel, Stat, Status, useConfirm, useToast, type MenuProps } from "../../ui";
import { PropertyDrawer, SubjectDrawer } from "./Editors";
import { MergePolicy } from "./MergePolicy";
import { STATUS_TONES, trendOf, useSubjectTitle } from "./plan";

interface Which {
  kind: SubjectKind;
  name: string;
}

export default function SubjectPage() {
  const { t } = useTranslation();
  const go = useGo();
  const [search] = usePageSearch();
  const kind: SubjectKind = search.kind ?? "event";
  const name = search.event ?? "";
  const title = useSubjectTitle();
  const query = useQuery({ queryKey: ["/plan/subject", kind, name], queryFn: ({ signal }) => get<PlanSubjectDetail>("/plan/subject", { query: { kind, name }, signal }) });
  const { may } = useSession();
  const [editing, setEditing] = useState(false);
  const actions = useActions(query.data);
  return (
    <Page
      title={title({ kind, name })}
      status={query.data && <Status tone={STATUS_TONES[query.data.status]}>{t(`plan.statuses.${query.data.status}`)}</Status>}
      description={name !== "" && <code>{name}</code>}
      back={{ label: t("nav.events"), onClick: () => go(paths.events) }}
      more={actions.items}
      primary={query.data && may("data.write") && <Button type="primary" icon={<Pencil size={16} />} onClick={() => setEditing(true)}>{t("plan.edit")}</Button>}
    >
      <Loaded query={query}>{(subject) => <Subject subject={subject} />}</Loaded>
      {editing && query.data && <SubjectDrawer subject={query.data} onClose={() => setEditing(false)} />}
    </Page>
  );
}

/** What else can be done with a subject. */
function useActions(subject: PlanSubjectDetail | undefined): { items: MenuProps["items"] } {
  const { t } = useTranslation();
  const { may } = useSession();
  const go = useGo();
  const toast = useToast();
  const confirm = useConfirm();
  const declare = useWrite((which: Which) => post<PlanDeclared>("/plan/declare", which), ["/plan"]);
  const drop = useWrite(({ kind, name }: Which) => post<void>("/plan/remove", { kind, subject: name }), ["/plan"]);
  if (!subject) return { items: [] };
  const which = { kind: subject.kind, name: subject.name };
  const items: MenuProps["items"] = [];
  if (subject.kind === "event" && subject.count > 0) items.push({ key: "trend", icon: <ChartLine size={14} />, label: t("data.see_trend"), onClick: () => go(paths.trend, { q: trendOf(subject.name) }) });
  if (may("data.write")) {
    items.push({ key: "declare", icon: <ListChecks size={14} />, label: t("plan.declare_seen"), onClick: () => declare.mutate(which, { onSuccess: (done) => toast.done(t("plan.declared", { ...done })), onError: toast.failed }) });
    if (subject.status !== "learned") {
      items.push({
        key: "remove",
        icon: <Undo2 size={14} />,
        label: t("plan.remove"),
        onClick: () => confirm({ title: t("plan.remove_title"), content: t("plan.remove_text"), action: t("plan.remove"), danger: true, run: () => drop.mutateAsync(which).then(() => toast.done(t("plan.removed"))) }),
      });
    }
  }
  return { items };
}

function Subject({ subject }: { subject: PlanSubjectDetail }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const names = useNames();
  const [edited, setEdited] = useState<PlanPropertyItem | null>(null);
  const columns: Column<PlanPropertyItem>[] = [
    {
      key: "name",
      title: t("plan.property"),
      sort: (row) => row.name,
      cell: (row) => (
        <div className="cell-title">
          <strong>{names.property(row.name)}</strong>
          <span><code>{row.name}</code> {row.required && <Label tone="brand">{t("plan.required")}</Label>} {row.standard && <Label title={t("plan.standard_help")}>{t("plan.standard")}</Label>} {row.pattern && <Label title={t("plan.pattern_help")}>{t("plan.pattern")}</Label>} {row.variant_of && <Label tone="warning">{t("plan.variant", { name: row.variant_of })}</Label>}</span>
        </div>
      ),
    },
    { key: "type", title: t("plan.type"), cell: (row) => <>{row.value_type ? t(`plan.types.${row.value_type}`) : t("plan.any_type")} {row.inferred && row.value_type && <span className="muted small" title={t("plan.inferred_help")}>{t("plan.inferred")}</span>}</> },
    { key: "status", title: t("plan.status"), wideOnly: true, cell: (row) => <Status tone={STATUS_TONES[row.status]}>{t(`plan.statuses.${row.status}`)}</Status> },
    { key: "drift", title: t("plan.drift"), sort: (row) => row.drifting, cell: (row) => (row.drifting > 0 ? <Status tone="warning"><Num value={row.drifting} /></Status> : <span className="muted">–</span>) },
    { key: "count", title: t("plan.count"), align: "end", wideOnly: true, sort: (row) => row.count, cell: (row) => <Num value={row.count} /> },
    { key: "last", title: t("plan.last_seen"), wideOnly: true, cell: (row) => (row.last_seen ? <Ago at={row.last_seen} /> : <span className="muted">{t("plan.never")}</span>) },
  ];
  if (may("data.write")) columns.push({ key: "edit", title: "", align: "end", width: 48, cell: (row) => <IconButton label={t("plan.edit_property", { name: row.name })} icon={<Pencil size={14} />} onClick={() => setEdited(row)} /> });
  return (
    <>
      <div className="stats">
        <Stat label={t("plan.count")}><Num value={subject.count} /></Stat>
        <Stat label={t("plan.first_seen")}><Ago at={subject.first_seen} /></Stat>
        <Stat label={t("plan.last_seen")}><Ago at={subject.last_seen} /></Stat>
        <Stat label={t("plan.owner")}>{subject.owner || "–"}</Stat>
        <Stat label={t("plan.category")}>{subject.category || "–"}</Stat>
      </div>
      {subject.description !== "" && <Panel><p>{subject.description}</p></Panel>}
      {subject.overflow > 0 && <div className="note tone-warning"><p>{t("plan.overflow", { subjects: 0, properties: subject.overflow })}</p></div>}
      <DataTable label={t("plan.properties")} rows={subject.items} columns={columns} rowKey={(row) => row.name} expand={(row) => <PropertyMore subject={subject} property={row} />} />
      {edited && <PropertyDrawer subject={subject} property={edited} onClose={() => setEdited(null)} />}
    </>
  );
}

function PropertyMore({ subject, property }: { subject: PlanSubjectDetail; property: PlanPropertyItem }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      {property.description !== "" && <p>{property.description}</p>}
      {subject.kind === "people" && <MergePolicy attribute={property.name} />}
      {property.drift.length > 0 && <DriftTable property={property} />}
      {property.shapes.length > 0 && (
        <div className="stack stack-tight">
          <strong>{t("plan.looks")}</strong>
          <Distribution rows={property.shapes.map((row) => ({ key: row.shape, name: t(`plan.shapes.${row.shape}`), value: row.count }))} />
        </div>
      )}
      {subject.kind === "event" && property.count > 0 && <Values event={subject.name} property={property.name} />}
    </div>
  );
}

function DriftTable({ property }: { property: PlanPropertyItem }) {
  const { t } = useTranslation();
  const columns: Column<PlanDrift>[] = [
    { key: "shape", title: t("plan.type"), cell: (row) => t(`plan.shapes.${row.shape}`) },
    { key: "example", title: t("plan.example"), cell: (row) => <code>{row.example}</code> },
    { key: "source", title: t("data.source"), cell: (row) => <Label>{row.source}</Label> },
    { key: "library", title: t("plan.library"), wideOnly: true, cell: (row) => row.library || <span className="muted">–</span> },
    { key: "since", title: t("plan.since"), wideOnly: true, cell: (row) => <DateTime at={row.first_seen} /> },
    { key: "last", title: t("plan.last_seen"), wideOnly: true, cell: (row) => <Ago at={row.last_seen} /> },
    { key: "count", title: t("plan.count"), align: "end", cell: (row) => <Num value={row.count} /> },
  ];
  return (
    <div className="stack stack-tight">
      <strong>{t("plan.drift_values", { count: property.drifting })}</strong>
      <p className="help">{t("plan.drift_help")}</p>
      <DataTable label={t("plan.drift")} rows={property.drift} columns={columns} rowKey={(row) => `${row.shape}:${row.source}:${row.library}`} />
    </div>
  );
}

function Values({ event, property }: { event: string; property: string }) {
  const { t } = useTranslation();
  const names = useNames();
  const values = useEventValues(event, property, "");
  return (
    <Loaded query={values} rows={3}>
      {(items) =>
        items.length === 0 ? <p className="help">{t("data.no_values")}</p> : <Distribution rows={items.slice(0, 12).map((item) => ({ key: item.value, name: names.value(property, item.value), value: item.count }))} />
      }
    </Loaded>
  );
}
