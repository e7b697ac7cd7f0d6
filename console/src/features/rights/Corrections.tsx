/** Putting something right about a person, and what was put right before. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Page, Person, RightsCorrection, RightsRequest } from "../../api/types";
import { useNames } from "../../app/names";
import { Ago, Button, Input, Label, Loaded, Modal, useToast } from "../../ui";
import { CorrectDialog } from "./CorrectDialog";
import { TOUCHED } from "./rights";

interface Props {
  person: number;
  request?: RightsRequest;
}

export function Corrections({ person, request }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const path = `/people/${person}/corrections`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<Page<RightsCorrection>>(path, { signal }) });
  const whole = useQuery({ queryKey: ["/people", person], queryFn: ({ signal }) => get<Person>(`/people/${person}`, { signal }) });
  const works = !request || (request.state === "working" && Boolean(request.verified));
  return (
    <div className="stack">
      <p className="help">{t("rights.correct_help")}</p>
      <div><Button type="primary" disabled={!works || !whole.data} title={works ? undefined : t("rights.verify_first")} onClick={() => setOpen(true)}>{t("rights.correct")}</Button></div>
      <Loaded query={query} rows={2}>
        {({ items }) => items.length === 0 ? null : <ul className="rights-copies">{items.map((made) => <Made key={made.id} made={made} />)}</ul>}
      </Loaded>
      {open && whole.data && <CorrectDialog person={whole.data} request={request?.id} onClose={() => setOpen(false)} />}
    </div>
  );
}

function Made({ made }: { made: RightsCorrection }) {
  const { t } = useTranslation();
  const names = useNames();
  const [undoing, setUndoing] = useState(false);
  const name = made.kind === "attribute" ? names.property(made.name) : names.namespace(made.name);
  return (
    <li>
      <div className="spread">
        <span className="row"><span className="strong">{name}</span>{made.undone_at && <Label>{t("rights.undone")}</Label>}</span>
        <span className="small muted">{made.by} · <Ago at={made.at} /></span>
      </div>
      <p className="small">{made.reason}</p>
      {!made.undone_at && <div><Button size="small" onClick={() => setUndoing(true)}>{t("rights.undo")}</Button></div>}
      {undoing && <UndoDialog id={made.id} onClose={() => setUndoing(false)} />}
    </li>
  );
}

function UndoDialog({ id, onClose }: { id: number; onClose: () => void }) {
  const { t } = useTranslation();
  const toast = useToast();
  const [reason, setReason] = useState("");
  const undo = useWrite(() => post<RightsCorrection>(`/rights/corrections/${id}/undo`, { reason }), [...TOUCHED, "/segments"]);
  const start = () => undo.mutate(undefined, { onSuccess: onClose, onError: toast.failed });
  return (
    <Modal open centered width={440} title={t("rights.undo_title")} okText={t("rights.undo")} cancelText={t("app.cancel")} okButtonProps={{ disabled: reason.trim() === "", loading: undo.isPending }} onOk={start} onCancel={onClose}>
      <div className="stack">
        <p className="help">{t("rights.undo_help")}</p>
        <label className="stack stack-tight">
          {t("rights.reason")}
          <Input maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
      </div>
    </Modal>
  );
}
