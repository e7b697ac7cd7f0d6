/** One request from taking it over to the answer, with everything that happened. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { RightsRequest, RightsRequestWhole } from "../../api/types";
import { useNames } from "../../app/names";
import { useGo, useIdParam } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { Button, DateTime, ErrorView, Loaded, NoPermission, Page, Panel, Status, useToast } from "../../ui";
import { useConsentNames } from "../consent/consent";
import { PersonName } from "../people/PersonName";
import { AnswerStep } from "./AnswerStep";
import { Due } from "./Due";
import { IdentityStep } from "./IdentityStep";
import { Step } from "./Step";
import { Steps } from "./Steps";
import { WorkStep } from "./WorkStep";
import { TOUCHED, isEnded, splitNote, toneOf } from "./rights";
import "./rights.css";

export default function RequestPage() {
  const { t } = useTranslation();
  const go = useGo();
  const id = useIdParam();
  const { may } = useSession();
  const allowed = may("rights.manage");
  const path = `/rights/requests/${id}`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<RightsRequestWhole>(path, { signal }), enabled: allowed });
  const request = query.data?.request;
  return (
    <Page
      title={request ? t(`rights.kinds.${request.kind}`) : t("rights.request")}
      status={request && <Status tone={toneOf(request)}>{request.overdue ? t("rights.overdue") : t(`rights.states.${request.state}`)}</Status>}
      back={{ label: t("nav.rights"), onClick: () => go(paths.rights) }}
    >
      {!allowed && <NoPermission permission="rights.manage" />}
      {allowed && (query.error && !query.data ? <ErrorView error={query.error} onRetry={() => void query.refetch()} /> : (
        <Loaded query={query} rows={10}>
          {(whole) => (
            <div className="rights-grid">
              <div className="stack">
                <Facts request={whole.request} />
                <ol className="rights-flow">
                  <TakeStep request={whole.request} />
                  <IdentityStep request={whole.request} />
                  <WorkStep request={whole.request} />
                  <AnswerStep request={whole.request} />
                </ol>
              </div>
              <Steps id={id} steps={whole.steps} open={!isEnded(whole.request)} />
            </div>
          )}
        </Loaded>
      ))}
    </Page>
  );
}

function Facts({ request }: { request: RightsRequest }) {
  const { t } = useTranslation();
  const names = useNames();
  const consent = useConsentNames();
  const note = splitNote(request.note);
  return (
    <Panel>
      <dl className="pairs">
        <dt>{t("data.person")}</dt>
        <dd>{typeof request.person === "number" ? <PersonName person={request.person} search={{ tab: "requests" }} /> : <span className="muted">{t("rights.not_known")}</span>}</dd>
        {request.contact && <dt>{t("rights.contact")}</dt>}
        {request.contact && <dd>{names.namespace(request.contact.namespace)} {request.contact.value}</dd>}
        <dt>{t("rights.due")}</dt>
        <dd>{isEnded(request) ? <DateTime at={request.due_at} /> : <Due request={request} />}</dd>
        <dt>{t("rights.asked")}</dt>
        <dd><DateTime at={request.asked_at} /> · {consent.source(request.source)}</dd>
        {note.evidence !== "" && <dt>{t("rights.evidence")}</dt>}
        {note.evidence !== "" && <dd>{note.evidence === "personal link" ? t("rights.by_link") : t("rights.by_message")}</dd>}
        {note.text !== "" && <dt>{t("rights.note")}</dt>}
        {note.text !== "" && <dd className="rights-said">{note.text}</dd>}
      </dl>
      <p className="help rights-law">{t(`rights.law.${request.kind}`)}</p>
    </Panel>
  );
}

function TakeStep({ request }: { request: RightsRequest }) {
  const { t } = useTranslation();
  const toast = useToast();
  const move = useWrite((step: "take" | "hand_back") => post<RightsRequestWhole>(`/rights/requests/${request.id}/${step}`), TOUCHED);
  const go = (step: "take" | "hand_back") => move.mutate(step, { onError: toast.failed });
  const taken = request.state !== "open";
  return (
    <Step title={t("rights.flow.take")} done={taken}>
      {request.assignee && <p>{t("rights.worked_on_by", { name: request.assignee })}{request.mine && ` ${t("rights.me")}`}</p>}
      {!isEnded(request) && (
        <div className="row">
          {!request.mine && <Button type={taken ? "default" : "primary"} loading={move.isPending} onClick={() => go("take")}>{taken ? t("rights.take_from") : t("rights.take")}</Button>}
          {request.mine && <Button size="small" loading={move.isPending} onClick={() => go("hand_back")}>{t("rights.hand_back")}</Button>}
        </div>
      )}
    </Step>
  );
}
