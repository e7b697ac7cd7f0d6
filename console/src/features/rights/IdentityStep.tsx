/** Who it is that asks, and how that was made sure. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { RightsRequest, RightsRequestWhole, VerifiedHow } from "../../api/types";
import { Field, Form, failed, useForm, useRules } from "../../form";
import { Button, DateTime, Input, Pick, useToast } from "../../ui";
import { FindDialog } from "./FindDialog";
import { Step } from "./Step";
import { TOUCHED, isEnded } from "./rights";

const HOWS: VerifiedHow[] = ["call_back", "reply", "link", "account", "in_person", "document"];

export function IdentityStep({ request }: { request: RightsRequest }) {
  const { t } = useTranslation();
  const [again, setAgain] = useState(false);
  const ended = isEnded(request);
  const { verified } = request;
  const unknown = typeof request.person !== "number";
  const waits = request.state === "working" && !unknown && (!verified || again);
  return (
    <Step title={t("rights.flow.verify")} done={Boolean(verified)} off={request.state === "open"}>
      {unknown && !ended && <WhoStep request={request} />}
      {verified && <p>{t(`rights.hows.${verified.how}`)} · <DateTime at={verified.at} /></p>}
      {verified && !ended && !again && <div><Button size="small" onClick={() => setAgain(true)}>{t("rights.verify_again")}</Button></div>}
      {waits && <Verify request={request} onDone={() => setAgain(false)} />}
    </Step>
  );
}

/** Somebody of whom only an address is known. */
function WhoStep({ request }: { request: RightsRequest }) {
  const { t } = useTranslation();
  const toast = useToast();
  const [finding, setFinding] = useState(false);
  const name = useWrite((person: number) => post<RightsRequestWhole>(`/rights/requests/${request.id}/person`, { person }), TOUCHED);
  const choose = (person: number) => name.mutate(person, { onSuccess: () => setFinding(false), onError: toast.failed });
  return (
    <>
      <p className="help">{t("rights.unknown_help")}</p>
      <div><Button onClick={() => setFinding(true)}>{t("rights.find")}</Button></div>
      {finding && <FindDialog onClose={() => setFinding(false)} onChoose={choose} />}
    </>
  );
}

function Verify({ request, onDone }: { request: RightsRequest; onDone: () => void }) {
  const { t } = useTranslation();
  const rules = useRules();
  const save = useWrite((body: { how: VerifiedHow; note: string }) => post<RightsRequestWhole>(`/rights/requests/${request.id}/verify`, body), TOUCHED);
  const form = useForm<{ how: VerifiedHow; note: string }>({
    initial: { how: "call_back", note: "" },
    validate: (values) => failed({ note: rules.required(values.note) }),
    submit: (values) => save.mutateAsync(values),
  });
  return (
    <Form form={form} submitLabel={t("rights.verify")} onDone={onDone}>
      <Field label={t("rights.how")}>
        {(control) => <Pick {...control} style={{ width: "100%" }} value={form.values.how} onChange={(how) => form.set("how", how)} options={HOWS.map((value) => ({ value, label: t(`rights.hows.${value}`) }))} />}
      </Field>
      <Field label={t("rights.verify_note")} help={t("rights.verify_help")} error={form.errors.note}>
        {(control) => <Input.TextArea {...control} rows={2} maxLength={2000} value={form.values.note} onChange={(event) => form.set("note", event.target.value)} />}
      </Field>
    </Form>
  );
}
