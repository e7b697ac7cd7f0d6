/** What one person asked about their data, and the copies that were made of it. */
import { useQuery } from "@tanstack/react-query";
import { Inbox, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Page, RightsRequest } from "../../api/types";
import { Link, useGo } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { DataTable, type Column } from "../../table";
import { Ago, Button, Empty, Loaded, Panel, Status } from "../../ui";
import { useConsentNames } from "../consent/consent";
import { Copies } from "./Copies";
import { Due } from "./Due";
import { NewRequest } from "./NewRequest";
import { isEnded, toneOf } from "./rights";
import "./rights.css";

export function PersonRequests({ person }: { person: number }) {
  const { t } = useTranslation();
  const go = useGo();
  const { may } = useSession();
  const names = useConsentNames();
  const [asking, setAsking] = useState(false);
  const path = `/people/${person}/requests`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<Page<RightsRequest>>(path, { signal }) });
  const columns: Column<RightsRequest>[] = [
    { key: "kind", title: t("rights.request"), cell: (row) => <div className="cell-title"><Link to={paths.rightsRequest(row.id)}>{t(`rights.kinds.${row.kind}`)}</Link><span>#{row.id} · {names.source(row.source)}</span></div> },
    { key: "state", title: t("rights.state"), cell: (row) => <Status tone={toneOf(row)}>{t(`rights.states.${row.state}`)}</Status> },
    { key: "due", title: t("rights.due"), wideOnly: true, cell: (row) => (isEnded(row) ? <span className="muted">{t("rights.person_ended")} · <Ago at={row.ended_at} /></span> : <Due request={row} />) },
    { key: "assignee", title: t("rights.assignee"), wideOnly: true, cell: (row) => row.assignee ?? <span className="muted">{t("rights.nobody")}</span> },
    { key: "asked", title: t("rights.asked"), wideOnly: true, cell: (row) => <Ago at={row.asked_at} /> },
  ];
  return (
    <div className="stack">
      <div className="spread">
        <p className="help">{t("rights.person_help")}</p>
        <Button icon={<Plus size={14} />} onClick={() => setAsking(true)}>{t("rights.take_down")}</Button>
      </div>
      <Loaded query={query} rows={3}>
        {({ items }) => (items.length === 0
          ? <Empty icon={<Inbox size={28} strokeWidth={1.5} />} title={t("rights.person_none")}>{t("rights.person_none_text")}</Empty>
          : <DataTable label={t("rights.person_tab")} columns={columns} rows={items} rowKey={(row) => row.id} onOpen={(row) => go(paths.rightsRequest(row.id))} />)}
      </Loaded>
      {may("rights.export") && <Panel title={t("rights.copies")}><Copies person={person} /></Panel>}
      {asking && <NewRequest person={person} onClose={() => setAsking(false)} onDone={(id) => go(paths.rightsRequest(id))} />}
    </div>
  );
}
