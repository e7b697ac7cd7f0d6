/** Everything a person ever said, newest first. Nothing is changed or removed here. */
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { ConsentEntry } from "../../api/types";
import { Button, DateTime, Drawer, Empty, ErrorView, Label, Skeleton, Status } from "../../ui";
import { EVERY_CHANNEL, toneOf, useConsentNames, usePurposes } from "./consent";

export function HistoryDrawer({ person, open, onClose }: { person: number; open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Drawer title={t("consent.history")} open={open} onClose={onClose} size={480} destroyOnHidden>
      <Entries person={person} />
    </Drawer>
  );
}

function Entries({ person }: { person: number }) {
  const { t } = useTranslation();
  const names = useConsentNames();
  const purposes = usePurposes().data ?? [];
  const list = useList<ConsentEntry>(`/people/${person}/consent/history`);
  if (list.items === undefined) return list.error ? <ErrorView error={list.error} onRetry={() => void list.refetch()} /> : <Skeleton rows={6} />;
  if (list.items.length === 0) return <Empty title={t("consent.no_history")}>{t("consent.no_history_text")}</Empty>;
  const name = (id: string) => {
    const purpose = purposes.find((one) => one.id === id);
    return purpose ? names.purpose(purpose) : id;
  };
  return (
    <>
      <ol className="consent-list">
        {list.items.map((entry) => (
          <li key={entry.id}>
            <div className="consent-what">
              <span>{name(entry.purpose)}</span>
              {entry.channel !== EVERY_CHANNEL && <Label>{names.channel(entry.channel)}</Label>}
            </div>
            <div className="consent-state">
              <Status tone={toneOf({ state: entry.state, allowed: entry.state === "granted" })}>{t(`consent.states.${entry.state}`)}</Status>
            </div>
            <dl className="pairs consent-proof">
              <Fact name={t("consent.said_at")}><DateTime at={entry.proof.at} /></Fact>
              <Fact name={t("consent.where")}>{[names.source(entry.proof.source), names.how(entry.proof.how)].filter(Boolean).join(" · ")}</Fact>
              {entry.proof.version !== null && entry.proof.version !== undefined && <Fact name={t("consent.text")}>{t("consent.version", { version: entry.proof.version })}</Fact>}
              {entry.proof.evidence !== "" && <Fact name={t("consent.evidence")}>{entry.proof.evidence}</Fact>}
              {entry.proof.identifier !== "" && <Fact name={t("consent.identifier")}>{entry.proof.identifier}</Fact>}
              {entry.proof.recorded_at && <Fact name={t("consent.recorded")}><DateTime at={entry.proof.recorded_at} /> · {names.by(entry.proof.recorded_by)}</Fact>}
            </dl>
          </li>
        ))}
      </ol>
      {list.hasNextPage && <Button block loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("table.more")}</Button>}
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
