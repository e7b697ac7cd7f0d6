/** What one person allows, by purpose and channel, with the proof of it. */
import { useQuery } from "@tanstack/react-query";
import { History, Link2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { ConsentPosition, PersonConsents, PreferenceLink } from "../../api/types";
import { useSession } from "../../app/session";
import { Ago, Button, IconButton, Label, Loaded, Panel, Status, TextButton, Tooltip, useToast } from "../../ui";
import { HistoryDrawer } from "./HistoryDrawer";
import { RecordDrawer } from "./RecordDrawer";
import { EVERY_CHANNEL, stateKey, toneOf, useConsentNames } from "./consent";

/** Asked of children only. */
const GUARDIAN = "guardian";

export function ConsentPanel({ person }: { person: number }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const [history, setHistory] = useState(false);
  const [recording, setRecording] = useState<ConsentPosition | "any" | null>(null);
  const path = `/people/${person}/consent`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<PersonConsents>(path, { signal }) });
  const edits = may("protection.manage");
  return (
    <Panel
      title={t("consent.panel")}
      extra={
        <div className="row row-tight">
          {edits && <LinkButton person={person} />}
          <IconButton label={t("consent.history")} icon={<History size={15} />} onClick={() => setHistory(true)} />
          {edits && <Button size="small" onClick={() => setRecording("any")}>{t("consent.record")}</Button>}
        </div>
      }
    >
      <Loaded query={query} rows={4}>
        {(data) => (
          <div className="stack stack-tight">
            {data.minor && <div className="note tone-warning">{t("consent.is_minor")}</div>}
            <ul className="consent-list">
              {data.positions.filter((position) => position.purpose !== GUARDIAN || data.minor || position.proof).map((position) => (
                <Row key={`${position.purpose}:${position.channel}`} position={position} onRecord={edits ? () => setRecording(position) : undefined} />
              ))}
            </ul>
          </div>
        )}
      </Loaded>
      <HistoryDrawer person={person} open={history} onClose={() => setHistory(false)} />
      {recording !== null && <RecordDrawer person={person} position={recording === "any" ? null : recording} onClose={() => setRecording(null)} />}
    </Panel>
  );
}

function Row({ position, onRecord }: { position: ConsentPosition; onRecord: (() => void) | undefined }) {
  const { t } = useTranslation();
  const names = useConsentNames();
  const { proof } = position;
  const facts = proof ? [names.source(proof.source), names.how(proof.how), proof.version ? t("consent.version", { version: proof.version }) : ""].filter(Boolean) : [];
  return (
    <li>
      <div className="consent-what">
        <span>{names.purpose(position)}</span>
        {position.channel !== EVERY_CHANNEL && <Label>{names.channel(position.channel)}</Label>}
        {position.sensitive && <Label tone="warning">{t("consent.sensitive")}</Label>}
      </div>
      <div className="consent-state">
        <Status tone={toneOf(position)}>{t(`consent.states.${stateKey(position)}`)}</Status>
        {onRecord && !position.essential && <TextButton onClick={onRecord}>{t("consent.change")}</TextButton>}
      </div>
      {proof && (
        <Tooltip title={[proof.identifier, proof.evidence, names.by(proof.recorded_by)].filter(Boolean).join(" · ")}>
          <p className="help consent-proof"><Ago at={proof.at} /> · {facts.join(" · ")}</p>
        </Tooltip>
      )}
    </li>
  );
}

/** A personal link for a chat or a call, straight into the clipboard. */
function LinkButton({ person }: { person: number }) {
  const { t } = useTranslation();
  const toast = useToast();
  const make = useWrite(() => post<PreferenceLink>(`/people/${person}/consent/link`));
  const copy = async () => {
    try {
      const { url } = await make.mutateAsync(undefined);
      await navigator.clipboard.writeText(url);
      toast.done(t("consent.link_copied"));
    } catch (error) {
      toast.failed(error);
    }
  };
  return <IconButton label={t("consent.copy_link")} icon={<Link2 size={15} />} onClick={() => void copy()} disabled={make.isPending} />;
}
