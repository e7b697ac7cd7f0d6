/** One alert: what it watches, what it found last, when that changed; pause, edit, delete. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, patch, remove } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Alert, AlertChange, AlertChangeItem, AlertDetail, AlertFinding } from "../../api/types";
import { Link } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { Ago, Button, DateTime, Drawer, Loaded, Status, useConfirm, useToast } from "../../ui";
import { useQuestionTitle } from "../analyses/questionTitle";
import { AlertForm } from "./AlertForm";
import "./alerts.css";
import { addressOf } from "./receivers";
import { Tellings } from "./Tellings";
import { TellTest } from "./TellTest";
import { TONES, useAlertWords } from "./words";
import { useAlertError } from "./useAlertError";

/** How often it is looked whether a message has left. */
const TELLING_MILLIS = 2_000;

function isBeingTold({ tellings }: AlertChangeItem): boolean {
  return tellings.some((telling) => telling.outcome === "queued");
}

export function AlertDrawer({ id, name, onClose }: { id: number | null; name: string; onClose: () => void }) {
  return (
    <Drawer open={id !== null} onClose={onClose} title={name} size={560} destroyOnHidden>
      {id !== null && <Body id={id} onClose={onClose} />}
    </Drawer>
  );
}

function Body({ id, onClose }: { id: number; onClose: () => void }) {
  const [editing, setEditing] = useState(false);
  const { t } = useTranslation();
  const toast = useToast();
  const detail = useQuery({
    queryKey: ["/alerts", id],
    queryFn: ({ signal }) => get<AlertDetail>(`/alerts/${id}`, { signal }),
    refetchInterval: ({ state }) => !editing && state.data?.changes.some(isBeingTold) ? TELLING_MILLIS : false,
  });
  const change = useWrite((edit: AlertChange) => patch<Alert>(`/alerts/${id}`, edit), ["/alerts"]);
  return (
    <Loaded query={detail} rows={6}>
      {({ alert, changes }) => (editing && alert.cell ? (
        <AlertForm
          cell={alert.cell}
          alert={alert}
          submitLabel={t("app.save")}
          submit={({ name, rule, rhythm, tell }) => change.mutateAsync({ name, rule, rhythm, tell })}
          onDone={() => {
            setEditing(false);
            toast.done(t("app.saved"));
          }}
        />
      ) : (
        <div className="stack">
          <Actions alert={alert} busy={change.isPending} onEdit={() => setEditing(true)} onPause={(enabled) => change.mutate({ enabled }, { onError: toast.failed })} onGone={onClose} />
          <Facts alert={alert} />
          <History alert={alert} changes={changes} />
        </div>
      ))}
    </Loaded>
  );
}

interface ActionsProps {
  alert: Alert;
  busy: boolean;
  onEdit: () => void;
  onPause: (enabled: boolean) => void;
  onGone: () => void;
}

function Actions({ alert, busy, onEdit, onPause, onGone }: ActionsProps) {
  const { t } = useTranslation();
  const { may } = useSession();
  const toast = useToast();
  const confirm = useConfirm();
  const drop = useWrite(() => remove(`/alerts/${alert.id}`), ["/alerts"]);
  const ask = () =>
    confirm({
      title: t("alerts.delete_title", { name: alert.name }),
      content: t("alerts.delete_text"),
      action: t("app.delete"),
      danger: true,
      run: async () => {
        onGone();
        await drop.mutateAsync(undefined);
        toast.done(t("app.deleted"));
      },
    });
  return (
    <div className="spread">
      <Status tone={alert.enabled ? TONES[alert.found.state] : "neutral"}><StateText alert={alert} /></Status>
      {may("analyses.write") && (
        <span className="row">
          {alert.cell && <Button onClick={onEdit}>{t("app.edit")}</Button>}
          {alert.cell && <Button loading={busy} onClick={() => onPause(!alert.enabled)}>{t(alert.enabled ? "alerts.pause" : "alerts.resume")}</Button>}
          <Button danger onClick={ask}>{t("app.delete")}</Button>
        </span>
      )}
    </div>
  );
}

function StateText({ alert }: { alert: Alert }) {
  const { t } = useTranslation();
  const words = useAlertWords();
  return <span>{words.state(alert.found.state, alert.enabled)} <span className="muted">· {t("alerts.since")} <Ago at={alert.since} /></span></span>;
}

function Facts({ alert }: { alert: Alert }) {
  const { t } = useTranslation();
  const words = useAlertWords();
  const titleOf = useQuestionTitle();
  const { cell, found } = alert;
  return (
    <>
      {found.error && <ErrorNote found={found} />}
      {!cell && <div className="note tone-info"><span>{t("alerts.hidden")}</span></div>}
      <dl className="pairs">
        <dt>{t("alerts.rule")}</dt>
        <dd>{words.rule(alert, alert.rule)}</dd>
        {cell && <><dt>{t("alerts.question")}</dt><dd><Link to={paths[cell.kind]} search={{ q: { kind: cell.kind, ...cell.query } as never }}>{titleOf({ kind: cell.kind, ...cell.query } as never)}</Link></dd></>}
        <dt>{t("alerts.last_value")}</dt>
        <dd className="num">{words.found(alert, found)}</dd>
        <dt>{t("alerts.judged")}</dt>
        <dd className="num">{words.days(found) || "–"}</dd>
        <dt>{t("alerts.rhythm")}</dt>
        <dd>{words.rhythm(alert.rhythm)}</dd>
        <dt>{t("alerts.checked")}</dt>
        <dd><Ago at={alert.checked_at} /></dd>
        <dt>{t("alerts.next")}</dt>
        <dd>{alert.next_at ? <DateTime at={alert.next_at} /> : t("alerts.state_paused")}</dd>
        <dt>{t("alerts.told")}</dt>
        <dd><Receivers alert={alert} /></dd>
      </dl>
    </>
  );
}

function Receivers({ alert }: { alert: Alert }) {
  const { t } = useTranslation();
  const { may } = useSession();
  if (alert.tell.length === 0) return <span className="muted">{t("alerts.tell_nobody")}</span>;
  return (
    <div className="stack stack-tight">
      <ul className="alert-receivers">
        {alert.tell.map((receiver, at) => <li key={at}>{addressOf(receiver)}</li>)}
      </ul>
      {may("analyses.write") && alert.cell && <TellTest id={alert.id} />}
    </div>
  );
}

function ErrorNote({ found }: { found: AlertFinding }) {
  const text = useAlertError();
  return <div className="note tone-warning" role="alert"><span>{text(found)}</span></div>;
}

function History({ alert, changes }: { alert: Alert; changes: AlertChangeItem[] }) {
  const { t } = useTranslation();
  const words = useAlertWords();
  const errorText = useAlertError();
  return (
    <section className="stack stack-tight">
      <h3>{t("alerts.history")}</h3>
      <ol className="alert-history">
        {changes.map((change) => (
          <li key={`${change.at}${change.found.state}`}>
            <DateTime at={change.at} />
            <span className="spread">
              <Status tone={TONES[change.found.state]}>{t(`alerts.became_${change.found.state}`)}</Status>
              <span className="num">{words.found(alert, change.found)}</span>
            </span>
            {(change.found.error ?? words.days(change.found)) && <span className="help">{change.found.error ? errorText(change.found) : words.days(change.found)}</span>}
            {change.tellings.length > 0 && <Tellings items={change.tellings} />}
          </li>
        ))}
      </ol>
    </section>
  );
}
