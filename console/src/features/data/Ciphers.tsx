/** Private keys for what the clients of a source encrypt. They are written once and never shown. */
import { useQuery } from "@tanstack/react-query";
import { Lock, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post, remove } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Cipher, Key } from "../../api/types";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { Button, DateTime, IconButton, Input, Modal, Panel, Pick, useConfirm, useToast } from "../../ui";

export function Ciphers({ sources }: { sources: Key[] }) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const [adding, setAdding] = useState(false);
  const list = useQuery({ queryKey: ["/ciphers"], queryFn: ({ signal }) => get<{ items: Cipher[] }>("/ciphers", { signal }) });
  const forget = useWrite((id: number) => remove(`/ciphers/${id}`), ["/ciphers", "/audit"]);
  const known = list.data?.items ?? [];
  if (!list.data || (sources.length === 0 && known.length === 0)) return null;
  const ask = (cipher: Cipher) => confirm({ title: t("data.cipher_forget"), content: t("data.cipher_forget_text"), action: t("data.cipher_forget"), danger: true, run: () => forget.mutateAsync(cipher.id) });
  return (
    <Panel title={t("data.ciphers")} help={t("data.ciphers_help")} extra={sources.length > 0 && <Button icon={<Lock size={14} />} onClick={() => setAdding(true)}>{t("data.cipher_add")}</Button>}>
      <div className="stack stack-tight">
        {known.length === 0 && <span className="help">{t("data.cipher_none")}</span>}
        {known.map((cipher) => (
          <div className="row" key={cipher.id}>
            <span className="strong">{cipher.name}</span>
            <span className="muted small">RSA {cipher.bits} · <code>{cipher.fingerprint}</code> · <DateTime at={cipher.created_at} /></span>
            <IconButton label={t("data.cipher_forget")} icon={<X size={14} />} onClick={() => ask(cipher)} />
          </div>
        ))}
        {known.length > 0 && <span className="help">{t("data.cipher_replay")} <Link to={paths.rejects}>{t("nav.rejects")}</Link></span>}
      </div>
      {adding && <NewCipher sources={sources} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function NewCipher({ sources, onClose }: { sources: Key[]; onClose: () => void }) {
  const { t } = useTranslation();
  const toast = useToast();
  const [key, setKey] = useState<number | undefined>(sources[0]?.id);
  const [text, setText] = useState("");
  const save = useWrite(() => post<Cipher>("/ciphers", { key, private_key: text }), ["/ciphers", "/audit"]);
  const run = () =>
    save.mutate(undefined, {
      onSuccess: () => {
        toast.done(t("app.saved"));
        onClose();
      },
      onError: toast.failed,
    });
  return (
    <Modal open centered width={620} title={t("data.cipher_add")} onCancel={onClose} cancelText={t("app.cancel")} okText={t("data.cipher_save")} okButtonProps={{ disabled: key === undefined || text.trim() === "", loading: save.isPending }} onOk={run}>
      <div className="stack">
        <Pick aria-label={t("data.source")} value={key} onChange={setKey} options={sources.map((source) => ({ value: source.id, label: source.name }))} />
        <Input.TextArea rows={8} spellCheck={false} autoComplete="off" aria-label={t("data.cipher_text")} placeholder="-----BEGIN …" value={text} onChange={(event) => setText(event.target.value)} />
        <p className="help">{t("data.cipher_text_help")}</p>
      </div>
    </Modal>
  );
}
