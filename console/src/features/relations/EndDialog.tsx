/** Ending a relation by hand: from now on, or saying that it never held; and why. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { PersonRelations, RelatedPerson } from "../../api/types";
import { personTitle } from "../../app/names";
import { Input, Modal, Radio, useFormats, useToast } from "../../ui";

interface EndDialogProps {
  person: number;
  group: Pick<PersonRelations["groups"][number], "kind" | "side">;
  related: RelatedPerson;
  onClose: () => void;
}

export function EndDialog({ person, group, related, onClose }: EndDialogProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const format = useFormats();
  const [never, setNever] = useState(false);
  const [reason, setReason] = useState("");
  const end = useWrite(
    () => post<PersonRelations>(`/people/${person}/relations/end`, { kind: group.kind, side: group.side, other: related.other.person, reason: reason.trim(), ...(never ? { at: related.since } : {}) }),
    ["/people", "/segments", "/relations"],
  );
  const start = () =>
    end.mutate(undefined, {
      onSuccess: () => {
        toast.done(t("relations.ended"));
        onClose();
      },
      onError: toast.failed,
    });
  return (
    <Modal open centered width={480} title={t("relations.end_title", { name: personTitle(related.other) })} okText={t("relations.end")} cancelText={t("app.cancel")} okButtonProps={{ danger: true, disabled: reason.trim() === "", loading: end.isPending }} onOk={start} onCancel={onClose}>
      <div className="stack">
        <Radio.Group className="related-found" value={never} onChange={(event) => setNever(event.target.value === true)}>
          <Radio value={false}>{t("relations.end_now")}<p className="help">{t("relations.end_now_help")}</p></Radio>
          <Radio value>{t("relations.end_never")}<p className="help">{t("relations.end_never_help", { day: format.date(related.since) })}</p></Radio>
        </Radio.Group>
        <label className="stack stack-tight">
          {t("relations.reason")}
          <Input autoFocus maxLength={500} value={reason} placeholder={t("relations.end_reason_example")} onChange={(event) => setReason(event.target.value)} />
        </label>
      </div>
    </Modal>
  );
}
