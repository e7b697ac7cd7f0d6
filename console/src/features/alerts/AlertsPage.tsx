/** All alerts, those that need somebody first. */
import { useQuery } from "@tanstack/react-query";
import { BellRing } from "lucide-react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Alert, AlertState } from "../../api/types";
import { useGo, usePageSearch } from "../../app/router";
import { paths } from "../../paths";
import { DataTable, type Column } from "../../table";
import { Ago, Button, Empty, Loaded, Page, Status, TextButton } from "../../ui";
import { AlertDrawer } from "./AlertDrawer";
import "./alerts.css";
import { useAlertError } from "./useAlertError";
import { TONES, useAlertWords } from "./words";

const REFRESH_MILLIS = 60_000;
const ORDER: AlertState[] = ["firing", "error", "too_little", "pending", "ok"];

function urgency(alert: Alert): number {
  return alert.enabled ? ORDER.indexOf(alert.found.state) : ORDER.length;
}

export default function AlertsPage() {
  const { t } = useTranslation();
  const go = useGo();
  const [search, setSearch] = usePageSearch();
  const alerts = useQuery({ queryKey: ["/alerts"], queryFn: ({ signal }) => get<{ items: Alert[] }>("/alerts", { signal }), refetchInterval: REFRESH_MILLIS });
  const open = search.alert ?? null;
  // Of one that has been deleted meanwhile there is no name.
  const name = alerts.data?.items.find((alert) => alert.id === open)?.name ?? t("nav.alerts");
  return (
    <Page title={t("nav.alerts")} description={t("alerts.help")}>
      <Loaded query={alerts} rows={6}>
        {({ items }) => (items.length === 0 ? (
          <Empty icon={<BellRing size={28} strokeWidth={1.5} />} title={t("alerts.empty")} action={<Button type="primary" onClick={() => go(paths.trend)}>{t("alerts.to_trend")}</Button>}>
            <p>{t("alerts.empty_text")}</p>
            <p className="example">{t("alerts.example")}</p>
          </Empty>
        ) : <List alerts={items.toSorted((a, b) => urgency(a) - urgency(b))} onOpen={(alert) => setSearch({ alert: alert.id })} />)}
      </Loaded>
      <AlertDrawer id={open} name={name} onClose={() => setSearch({ alert: undefined })} />
    </Page>
  );
}

function List({ alerts, onOpen }: { alerts: Alert[]; onOpen: (alert: Alert) => void }) {
  const { t } = useTranslation();
  const words = useAlertWords();
  const errorText = useAlertError();
  const columns: Column<Alert>[] = [
    { key: "name", title: t("app.name"), sort: (row) => row.name, cell: (row) => <div className="cell-title"><TextButton onClick={() => onOpen(row)}>{row.name}</TextButton><span>{words.rule(row, row.rule)}</span><span className="alert-narrow num">{words.found(row, row.found)}</span></div> },
    { key: "state", title: t("data.state"), sort: urgency, cell: (row) => <div className="cell-title"><Status tone={row.enabled ? TONES[row.found.state] : "neutral"}>{words.state(row.found.state, row.enabled)}</Status><span><Ago at={row.since} /></span></div> },
    { key: "value", title: t("alerts.last_value"), align: "end", wideOnly: true, cell: (row) => <div className="cell-title"><span className="num">{words.found(row, row.found)}</span><span className="num">{row.found.error ? errorText(row.found) : words.days(row.found)}</span></div> },
    { key: "rhythm", title: t("alerts.rhythm"), wideOnly: true, cell: (row) => <span className="muted">{words.rhythm(row.rhythm)}</span> },
    { key: "checked", title: t("alerts.checked"), wideOnly: true, sort: (row) => row.checked_at ?? "", cell: (row) => <Ago at={row.checked_at} /> },
  ];
  return <DataTable label={t("nav.alerts")} columns={columns} rows={alerts} rowKey={(row) => row.id} onOpen={onOpen} />;
}

