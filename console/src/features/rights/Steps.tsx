/** Everything that happened with a request, and a place to note something. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { RightsRequestWhole, RightsStep } from "../../api/types";
import { Button, DateTime, Input, Panel, useToast } from "../../ui";
import { TOUCHED, splitNote } from "./rights";

export function Steps({ id, steps, open }: { id: number; steps: RightsStep[]; open: boolean }) {
  const { t } = useTranslation();
  const toast = useToast();
  const [text, setText] = useState("");
  const note = useWrite(() => post<RightsRequestWhole>(`/rights/requests/${id}/note`, { text }), TOUCHED);
  const save = () => note.mutate(undefined, { onSuccess: () => setText(""), onError: toast.failed });
  return (
    <Panel title={t("rights.history")} help={t("rights.history_help")}>
      <div className="stack">
        {open && (
          <div className="stack stack-tight">
            <Input.TextArea autoSize={{ minRows: 1, maxRows: 6 }} maxLength={2000} value={text} placeholder={t("rights.note_placeholder")} aria-label={t("rights.note_placeholder")} onChange={(event) => setText(event.target.value)} />
            {text.trim() !== "" && <div><Button size="small" loading={note.isPending} onClick={save}>{t("rights.note_save")}</Button></div>}
          </div>
        )}
        <ol className="rights-history">{steps.map((step, at) => <Entry key={steps.length - at} step={step} />)}</ol>
      </div>
    </Panel>
  );
}

function Entry({ step }: { step: RightsStep }) {
  const { t } = useTranslation();
  const who = step.actor === "person" ? t("rights.the_person") : step.actor_name || step.actor;
  const text = step.kind === "asked" ? splitNote(step.text).text : step.text;
  return (
    <li>
      <p><span className="strong">{t(`rights.steps.${step.kind}`)}</span> <span className="muted">{who}</span></p>
      {text !== "" && <p className="small rights-said">{text}</p>}
      <p className="small muted"><DateTime at={step.at} /></p>
    </li>
  );
}
