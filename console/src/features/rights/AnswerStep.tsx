/** The answer, which the person reads on their page. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { RightsRequest, RightsRequestWhole } from "../../api/types";
import { Field } from "../../form";
import { Button, DateTime, Input, useErrorText } from "../../ui";
import { Step } from "./Step";
import { TOUCHED, isEnded } from "./rights";

export function AnswerStep({ request }: { request: RightsRequest }) {
  const { t } = useTranslation();
  const ended = isEnded(request);
  return (
    <Step title={t("rights.flow.answer")} done={ended} off={request.state === "open"}>
      {ended && (
        <>
          <p>{t(`rights.states.${request.state}`)} · <DateTime at={request.ended_at} /></p>
          <blockquote className="rights-said">{request.answer}</blockquote>
        </>
      )}
      {request.state === "working" && <Answer request={request} />}
    </Step>
  );
}

function Answer({ request }: { request: RightsRequest }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [answer, setAnswer] = useState("");
  const end = useWrite((state: "done" | "refused") => post<RightsRequestWhole>(`/rights/requests/${request.id}/end`, { state, answer }), TOUCHED);
  const sure = Boolean(request.verified) || typeof request.person !== "number";
  const empty = answer.trim() === "";
  const language = request.language === "en" ? "en" : "zh";
  return (
    <div className="form">
      <Field label={t("rights.answer")} help={t(`rights.answer_in.${language}`)} error={end.error ? errorText(end.error) : undefined}>
        {(control) => <Input.TextArea {...control} rows={4} maxLength={2000} value={answer} onChange={(event) => setAnswer(event.target.value)} />}
      </Field>
      <div className="row">
        <Button type="primary" disabled={empty || !sure} title={sure ? undefined : t("rights.verify_first")} loading={end.isPending && end.variables === "done"} onClick={() => end.mutate("done")}>{t("rights.end_done")}</Button>
        <Button disabled={empty} loading={end.isPending && end.variables === "refused"} onClick={() => end.mutate("refused")}>{t("rights.end_refused")}</Button>
      </div>
      {!sure && <p className="help">{t("rights.verify_first")}</p>}
    </div>
  );
}
