/** Erasing a person: why, and their number typed, since nothing brings anybody back. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Erasure } from "../../api/types";
import { Input, Modal, useToast } from "../../ui";

interface EraseDialogProps {
  person: number;
  /** The person's request that this answers. */
  request?: number;
  onClose: () => void;
  onErased: (erasure: Erasure) => void;
}

const REASON_CHARS_MAX = 500;

export function EraseDialog({ person, request, onClose, onErased }: EraseDialogProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const erase = useWrite(() => post<Erasure>(`/people/${person}/erasure`, { reason, request_id: request ?? null }), ["/people", "/erasures", "/segments", "/rights", "/overview"]);
  const word = `#${person}`;
  const ready = reason.trim() !== "" && typed.trim() === word;
  const start = () =>
    erase.mutate(undefined, {
      onSuccess: (erasure) => {
        toast.done(t("erasure.ordered_done"));
        onErased(erasure);
      },
      onError: toast.failed,
    });
  return (
    <Modal open centered width={520} title={t("erasure.dialog_title", { person })} okText={t("erasure.erase")} cancelText={t("app.cancel")} okButtonProps={{ danger: true, disabled: !ready, loading: erase.isPending }} onOk={start} onCancel={onClose}>
      <div className="stack">
        <p>{t("erasure.dialog_text")}</p>
        <label className="stack stack-tight">
          {t("erasure.reason")}
          <Input autoFocus maxLength={REASON_CHARS_MAX} value={reason} placeholder={t("erasure.reason_example")} onChange={(event) => setReason(event.target.value)} />
          <span className="help">{t("erasure.reason_help")}</span>
        </label>
        <label className="stack stack-tight">
          {t("erasure.type_to_confirm", { word })}
          <Input value={typed} autoComplete="off" placeholder={word} onChange={(event) => setTyped(event.target.value)} onPressEnter={() => ready && start()} />
        </label>
      </div>
    </Modal>
  );
}
