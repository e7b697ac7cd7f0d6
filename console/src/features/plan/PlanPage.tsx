/** The tracking plan: every event, and the attributes of people and items, declared or seen. */
import { BookOpen, ListChecks, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { PlanDeclared, PlanStatus, PlanSubjectItem, SubjectKind } from "../../api/types";
import { Link, useGo } from "../../app/router";
import { useSession } from "../../app/session";
import { useDebounced } from "../../app/useDebounced";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Ago, Button, Checkbox, Empty, FilteredEmpty, Input, Label, Num, Page, Pick, Status, useConfirm, useToast } from "../../ui";
import { ModePanel } from "./ModePanel";
import { KINDS, STATUS_TONES, STATUSES, useSubjectTitle } from "./plan";
import { useTransfer } from "./Transfer";

const ALL = "all";

export default function PlanPage() {
  const { t } = useTranslation();
  const { may } = useSession();
  const confirm = useConfirm();
  const toast = useToast();
  const transfer = useTransfer();
  const declare = useWrite(() => post<PlanDeclared>("/plan/declare", {}), ["/plan"]);
  const declareAll = () =>
    confirm({
      title: t("plan.declare_all"),
      content: t("plan.declare_all_help"),
      action: t("plan.declare"),
      run: () => declare.mutateAsync(undefined).then((done) => toast.done(t("plan.declared", { ...done }))),
    });
  return (
    <Page
      title={t("nav.events")}
      description={t("plan.help")}
      more={transfer.items}
      primary={may("data.write") && <Button icon={<ListChecks size={16} />} onClick={declareAll}>{t("plan.declare_all")}</Button>}
    >
      <ModePanel />
      <Subjects />
      {transfer.dialog}
    </Page>
  );
}

function Subjects() {
  const { t } = useTranslation();
  const go = useGo();
  const title = useSubjectTitle();
  const [text, setText] = useState("");
  const [kind, setKind] = useState<SubjectKind | typeof ALL>(ALL);
  const [status, setStatus] = useState<PlanStatus | typeof ALL>(ALL);
  const [drifting, setDrifting] = useState(false);
  const query = useDebounced(text, 200);
  const list = useList<PlanSubjectItem>("/plan/subjects", { query, kind: kind === ALL ? null : kind, status: status === ALL ? null : status, drifting: drifting || null });
  const filtered = text !== "" || kind !== ALL || status !== ALL || drifting;
  const clear = () => {
    setText("");
    setKind(ALL);
    setStatus(ALL);
    setDrifting(false);
  };
  const columns: Column<PlanSubjectItem>[] = [
    {
      key: "name",
      title: t("plan.subject"),
      cell: (row) => (
        <div className="cell-title">
          <strong><Link to={paths.planSubject} search={{ kind: row.kind, event: row.name }}>{title(row)}</Link></strong>
          <span>
            {row.name !== "" && <code>{row.name}</code>} {row.kind === "item" && <Label>{t("plan.kinds.item")}</Label>} {row.pattern && <Label title={t("plan.pattern_help")}>{t("plan.pattern")}</Label>} {row.standard && row.kind === "event" && <Label title={t("plan.standard_help")}>{t("plan.standard")}</Label>}
          </span>
        </div>
      ),
    },
    { key: "status", title: t("plan.status"), cell: (row) => <Status tone={STATUS_TONES[row.status]}>{t(`plan.statuses.${row.status}`)}</Status> },
    { key: "properties", title: t("plan.properties"), align: "end", wideOnly: true, cell: (row) => <Num value={row.properties} /> },
    { key: "drift", title: t("plan.drift"), wideOnly: true, cell: (row) => (row.drifting > 0 ? <Status tone="warning">{t("plan.drift_count", { count: row.drifting })}</Status> : <span className="muted">–</span>) },
    { key: "owner", title: t("plan.owner"), wideOnly: true, cell: (row) => row.owner || <span className="muted">–</span> },
    { key: "count", title: t("plan.count"), align: "end", cell: (row) => <Num value={row.count} /> },
    { key: "last", title: t("plan.last_seen"), wideOnly: true, cell: (row) => (row.last_seen ? <Ago at={row.last_seen} /> : <span className="muted">{t("plan.never")}</span>) },
  ];
  return (
    <ListTable
      label={t("nav.events")}
      list={list}
      columns={columns}
      rowKey={(row) => `${row.kind}:${row.name}`}
      onOpen={(row) => go(paths.planSubject, { kind: row.kind, event: row.name })}
      toolbar={
        <>
          <Input allowClear style={{ width: 220 }} placeholder={t("plan.search")} aria-label={t("plan.search")} value={text} onChange={(event) => setText(event.target.value)} />
          <Pick aria-label={t("plan.subject")} value={kind} onChange={setKind} options={[{ value: ALL, label: t("plan.all_kinds") }, ...KINDS.map((value) => ({ value, label: t(`plan.kinds.${value}`) }))]} />
          <Pick aria-label={t("plan.status")} value={status} onChange={setStatus} options={[{ value: ALL, label: t("plan.all_statuses") }, ...STATUSES.map((value) => ({ value, label: t(`plan.statuses.${value}`) }))]} />
          <Checkbox checked={drifting} onChange={(event) => setDrifting(event.target.checked)}><TriangleAlert size={12} aria-hidden /> {t("plan.only_drift")}</Checkbox>
        </>
      }
      empty={
        filtered ? (
          <FilteredEmpty onClear={clear} />
        ) : (
          <Empty icon={<BookOpen size={28} strokeWidth={1.5} />} title={t("plan.empty")} action={<Link to={paths.sources}>{t("overview.step_source")}</Link>}>{t("plan.empty_text")}</Empty>
        )
      }
    />
  );
}
