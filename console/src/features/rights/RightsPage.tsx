/** What people ask about their data: what is due first, who works on it. */
import { Inbox, UserSearch } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import { useList } from "../../api/query";
import type { RightsRequest, RightsRequestKind, RightsSummary } from "../../api/types";
import { Link, useGo, usePageSearch } from "../../app/router";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Ago, Button, Empty, FilteredEmpty, NoPermission, Num, Page, Pick, Segmented, Stat, Status } from "../../ui";
import { useSession } from "../../app/session";
import { useConsentNames } from "../consent/consent";
import { Due } from "./Due";
import { FindDialog } from "./FindDialog";
import { NewRequest } from "./NewRequest";
import { KINDS, toneOf } from "./rights";
import "./rights.css";

const VIEWS = ["open", "soon", "overdue", "mine", "ended"] as const;
type View = (typeof VIEWS)[number];

const QUERIES: Record<View, Record<string, string | boolean>> = { open: {}, soon: { due: "soon" }, overdue: { due: "overdue" }, mine: { mine: true }, ended: { ended: true } };

export default function RightsPage() {
  const { t } = useTranslation();
  const { may } = useSession();
  if (!may("rights.manage")) return <Page title={t("nav.rights")}><NoPermission permission="rights.manage" /></Page>;
  return <Desk />;
}

function Desk() {
  const { t } = useTranslation();
  const go = useGo();
  const [search, setSearch] = usePageSearch();
  const [open, setOpen] = useState<"find" | "new" | null>(null);
  const view = VIEWS.find((name) => name === search.tab) ?? "open";
  const kind = KINDS.find((name) => name === search.reason);
  const list = useList<RightsRequest>("/rights/requests", { ...QUERIES[view], kind });
  const show = (tab: View) => setSearch({ tab: tab === "open" ? undefined : tab });
  const clear = () => setSearch({ tab: undefined, reason: undefined });
  return (
    <Page
      title={t("nav.rights")}
      description={t("rights.page_help")}
      primary={<Button type="primary" onClick={() => setOpen("new")}>{t("rights.take_down")}</Button>}
    >
      <Summary onShow={show} />
      <ListTable
        label={t("nav.rights")}
        list={list}
        columns={useColumns(view === "ended")}
        rowKey={(row) => row.id}
        onOpen={(row) => go(paths.rightsRequest(row.id))}
        toolbar={
          <>
            <div className="rights-views"><Segmented<View> value={view} onChange={show} options={VIEWS.map((value) => ({ value, label: t(`rights.views.${value}`) }))} /></div>
            <Pick<RightsRequestKind | "all"> aria-label={t("rights.kind")} value={kind ?? "all"} onChange={(next) => setSearch({ reason: next === "all" ? undefined : next })} options={[{ value: "all", label: t("rights.every_kind") }, ...KINDS.map((value) => ({ value, label: t(`rights.kinds.${value}`) }))]} />
            <Button icon={<UserSearch size={16} />} onClick={() => setOpen("find")}>{t("rights.find")}</Button>
          </>
        }
        empty={view === "open" && !kind ? <Empty icon={<Inbox size={28} strokeWidth={1.5} />} title={t("rights.none")}>{t("rights.none_text")}</Empty> : <FilteredEmpty onClear={clear} />}
      />
      {open === "find" && <FindDialog onClose={() => setOpen(null)} onChoose={(person) => go(paths.person(person))} onRequest={(id) => go(paths.rightsRequest(id))} />}
      {open === "new" && <NewRequest onClose={() => setOpen(null)} onDone={(id) => go(paths.rightsRequest(id))} />}
    </Page>
  );
}

function Summary({ onShow }: { onShow: (view: View) => void }) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["/rights/summary"], queryFn: ({ signal }) => get<RightsSummary>("/rights/summary", { signal }) });
  const { data } = query;
  return (
    <div className="stats rights-summary">
      <Stat label={t("rights.views.open")} onClick={() => onShow("open")}><Num value={data?.open} /></Stat>
      <Stat label={t("rights.views.soon")} note={t("rights.soon_note")} onClick={() => onShow("soon")}><Num value={data?.due_soon} /></Stat>
      <Stat label={t("rights.views.overdue")} onClick={() => onShow("overdue")}><span className={data && data.overdue > 0 ? "rights-late" : undefined}><Num value={data?.overdue} /></span></Stat>
      <Stat label={t("rights.views.mine")} onClick={() => onShow("mine")}><Num value={data?.mine} /></Stat>
    </div>
  );
}

function useColumns(ended: boolean): Column<RightsRequest>[] {
  const { t } = useTranslation();
  const names = useConsentNames();
  return [
    {
      key: "kind",
      title: t("rights.request"),
      cell: (row) => (
        <div className="cell-title">
          <Link to={paths.rightsRequest(row.id)}>{t(`rights.kinds.${row.kind}`)}</Link>
          <span>#{row.id} · {names.source(row.source)}</span>
        </div>
      ),
    },
    { key: "person", title: t("data.person"), cell: (row) => (typeof row.person === "number" ? <Link to={paths.person(row.person)}>#{row.person}</Link> : <span className="muted">{row.contact?.value}</span>) },
    { key: "state", title: t("rights.state"), wideOnly: true, cell: (row) => <Status tone={toneOf(row)}>{t(`rights.states.${row.state}`)}</Status> },
    ended
      ? { key: "ended", title: t("rights.ended"), cell: (row) => <Ago at={row.ended_at} /> }
      : { key: "due", title: t("rights.due"), cell: (row) => <Due request={row} /> },
    { key: "assignee", title: t("rights.assignee"), wideOnly: true, cell: (row) => (row.assignee ? <span>{row.assignee}{row.mine && ` ${t("rights.me")}`}</span> : <span className="muted">{t("rights.nobody")}</span>) },
    { key: "asked", title: t("rights.asked"), wideOnly: true, cell: (row) => <Ago at={row.asked_at} /> },
  ];
}
