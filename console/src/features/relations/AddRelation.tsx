/** Saying by hand how two people are related: which way, who the other is, why. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRelationKinds } from "../../api/catalog";
import { post } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { PersonRelations, PersonRow } from "../../api/types";
import { personTitle } from "../../app/names";
import { useDebounced } from "../../app/useDebounced";
import { Input, Label, Modal, Pick, Radio, useToast } from "../../ui";
import { endsOf, opposite, useRelationName } from "./names";

const FOUND_MAX = 6;

export function AddRelation({ person, onClose }: { person: number; onClose: () => void }) {
  const { t } = useTranslation();
  const toast = useToast();
  const name = useRelationName();
  const kinds = useRelationKinds().data ?? [];
  const [chosen, setChosen] = useState("inviter:to");
  const [other, setOther] = useState<number | null>(null);
  const [reason, setReason] = useState("");
  const [kind = "", side = "to"] = chosen.split(":");
  const options = kinds
    .filter((known) => known.active)
    .flatMap((known) => endsOf(known).map((end) => ({ value: `${known.name}:${end}`, label: name(known.name, opposite(end)) })));
  const begin = useWrite(() => post<PersonRelations>(`/people/${person}/relations`, { kind, side, other, reason }), ["/people", "/relations", "/segments"]);
  const start = () =>
    begin.mutate(undefined, {
      onSuccess: () => {
        toast.done(t("relations.begun"));
        onClose();
      },
      onError: toast.failed,
    });
  return (
    <Modal open centered width={520} title={t("relations.add_title")} okText={t("relations.begin")} cancelText={t("app.cancel")} okButtonProps={{ disabled: other === null || reason.trim() === "", loading: begin.isPending }} onOk={start} onCancel={onClose}>
      <div className="stack">
        <label className="stack stack-tight">
          {t("relations.role")}
          <Pick value={chosen} options={options} onChange={setChosen} aria-label={t("relations.role")} />
        </label>
        <FindPerson label={t("relations.other")} without={person} value={other} onPick={setOther} />
        <label className="stack stack-tight">
          {t("relations.reason")}
          <Input maxLength={500} value={reason} placeholder={t("relations.reason_example")} onChange={(event) => setReason(event.target.value)} />
        </label>
      </div>
    </Modal>
  );
}

interface FindPersonProps {
  label: string;
  without?: number;
  value: number | null;
  onPick: (person: number) => void;
}

/** Somebody, by what is known of them. */
export function FindPerson({ label, without, value, onPick }: FindPersonProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const query = useDebounced(text.trim(), 250);
  const found = useList<PersonRow>("/people", { query, limit: FOUND_MAX + 1 }, query !== "");
  const others = found.items?.filter((item) => item.person !== without).slice(0, FOUND_MAX) ?? [];
  return (
    <div className="stack stack-tight">
      <Input autoFocus allowClear aria-label={label} placeholder={t("relations.find")} value={text} onChange={(event) => setText(event.target.value)} />
      {query !== "" && found.isSuccess && others.length === 0 && <p className="help">{t("relations.nobody")}</p>}
      {others.length > 0 && (
        <Radio.Group className="related-found" value={value} onChange={(event) => onPick(Number(event.target.value))}>
          {others.map((item) => <Radio key={item.person} value={item.person}>{personTitle(item)} <Label>#{item.person}</Label></Radio>)}
        </Radio.Group>
      )}
    </div>
  );
}
