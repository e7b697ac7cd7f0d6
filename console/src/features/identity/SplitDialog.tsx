/** Making two people of one: choose what is somebody else's, say why. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Decided, PersonIdentity } from "../../api/types";
import { useNames } from "../../app/names";
import { Checkbox, Input, Modal, useToast } from "../../ui";
import { splitNamespace } from "./identity";

export function SplitDialog({ identity, onSplit, onClose }: { identity: PersonIdentity; onSplit: (decided: Decided) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const toast = useToast();
  const [nodes, setNodes] = useState<number[]>([]);
  const [reason, setReason] = useState("");
  const present = identity.identifiers.filter((held) => !held.former);
  const split = useWrite(() => post<Decided>(`/people/${identity.person}/split`, { nodes, reason }), ["/people", "/identity", "/segments"]);
  const ready = nodes.length > 0 && nodes.length < present.length && reason.trim() !== "";
  const start = () =>
    split.mutate(undefined, {
      onSuccess: onSplit,
      onError: toast.failed,
    });
  return (
    <Modal open centered width={520} title={t("identity.split_title")} okText={t("identity.split_now")} cancelText={t("app.cancel")} okButtonProps={{ disabled: !ready, loading: split.isPending }} onOk={start} onCancel={onClose}>
      <div className="stack">
        <p className="help">{t("identity.split_help")}</p>
        <Checkbox.Group className="identity-found" value={nodes} onChange={(next) => setNodes(next.map(Number))}>
          {present.map((held) => (
            <Checkbox key={held.node} value={held.node}>
              <span className="identity-kind">{names.namespace(splitNamespace(held.namespace)[0])}</span> {held.value}
            </Checkbox>
          ))}
        </Checkbox.Group>
        {nodes.length === present.length && <p className="help">{t("identity.one_must_stay")}</p>}
        <label className="stack stack-tight">
          {t("identity.reason")}
          <Input maxLength={500} value={reason} placeholder={t("identity.split_reason")} onChange={(event) => setReason(event.target.value)} />
        </label>
      </div>
    </Modal>
  );
}
