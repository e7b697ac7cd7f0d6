/** Keys of machines: writing events, or calling the API with a role. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { KeyRound } from "lucide-react";
import { patch, post, remove } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { Key, NewKey, Role } from "../../api/types";
import { failed, Field, Form, useForm, useRules } from "../../form";
import { ListTable, type Column } from "../../table";
import { Ago, Button, CopyButton, Drawer, Empty, Input, InputNumber, Label, Page, Pick, Segmented, Switch, TextButton, useConfirm } from "../../ui";

const ROLES: Role[] = ["operator", "analyst", "viewer", "owner"];

export default function KeysPage() {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const [adding, setAdding] = useState(false);
  const [timed, setTimed] = useState<Key | null>(null);
  const list = useList<Key>("/keys");
  const drop = useWrite((id: number) => remove(`/keys/${id}`), ["/keys"]);
  const columns: Column<Key>[] = [
    { key: "name", title: t("app.name"), cell: (row) => <div className="cell-title"><strong>{row.name}</strong><code>{row.hint}…</code></div> },
    { key: "kind", title: t("tags.kind"), cell: (row) => <Label tone={row.kind === "write" ? "brand" : "info"}>{t(`settings.key_${row.kind}`)}{row.role ? ` · ${t(`names.roles.${row.role}`)}` : ""}</Label> },
    { key: "times", title: t("settings.times"), wideOnly: true, cell: (row) => row.kind === "write" && !row.revoked_at ? <TextButton onClick={() => setTimed(row)}>{t(row.trust_time ? "settings.times_trusted" : "settings.times_corrected")}</TextButton> : <span className="muted">–</span> },
    { key: "created", title: t("settings.created"), wideOnly: true, cell: (row) => <Ago at={row.created_at} /> },
    {
      key: "actions",
      title: "",
      align: "end",
      cell: (row) => row.revoked_at ? <span className="muted">{t("settings.revoked")}</span> : (
        <TextButton
          className="danger-text"
          onClick={() => confirm({ title: t("settings.revoke_title", { name: row.name }), content: t("settings.revoke_text"), action: t("settings.revoke"), danger: true, run: () => drop.mutateAsync(row.id) })}
        >
          {t("settings.revoke")}
        </TextButton>
      ),
    },
  ];
  return (
    <Page title={t("nav.keys")} description={t("settings.keys_help")} primary={<Button type="primary" onClick={() => setAdding(true)}>{t("settings.new_key")}</Button>}>
      <ListTable label={t("nav.keys")} list={list} columns={columns} rowKey={(row) => row.id} empty={<Empty icon={<KeyRound size={28} strokeWidth={1.5} />} title={t("settings.no_keys")}>{t("data.write_keys_help")}</Empty>} />
      <Drawer open={adding} onClose={() => setAdding(false)} title={t("settings.new_key")} size={420} destroyOnHidden>
        <KeyForm onClose={() => setAdding(false)} />
      </Drawer>
      <Drawer open={timed !== null} onClose={() => setTimed(null)} title={timed ? t("settings.times_title", { name: timed.name }) : ""} size={420} destroyOnHidden>
        {timed && <TimesForm source={timed} onClose={() => setTimed(null)} />}
      </Drawer>
    </Page>
  );
}

function KeyForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const rules = useRules();
  const [secret, setSecret] = useState<string | null>(null);
  const add = useWrite((body: { name: string; kind: Key["kind"]; role?: Role }) => post<NewKey>("/keys", body), ["/keys"]);
  const form = useForm({
    initial: { name: "", kind: "write" as Key["kind"], role: "operator" as Role },
    validate: ({ name }) => failed({ name: rules.required(name) }),
    submit: async ({ name, kind, role }) => setSecret((await add.mutateAsync({ name, kind, role: kind === "api" ? role : undefined })).secret),
  });
  if (secret !== null) {
    return (
      <div className="stack">
        <div className="note tone-success"><p>{t("data.secret_once")}</p></div>
        <div className="row"><code style={{ overflowWrap: "anywhere" }}>{secret}</code><CopyButton text={secret} /></div>
        <div><Button type="primary" onClick={onClose}>{t("app.close")}</Button></div>
      </div>
    );
  }
  return (
    <Form form={form} submitLabel={t("app.create")}>
      <Field label={t("app.name")} error={form.errors.name}>{(control) => <Input {...control} autoFocus placeholder={t("data.source_name")} value={form.values.name} onChange={(event) => form.set("name", event.target.value)} />}</Field>
      <Field label={t("tags.kind")} help={t(`settings.key_${form.values.kind}_help`)}>
        {() => <div><Segmented value={form.values.kind} onChange={(kind) => form.set("kind", kind)} options={(["write", "api"] as const).map((kind) => ({ value: kind, label: t(`settings.key_${kind}`) }))} /></div>}
      </Field>
      {form.values.kind === "api" && (
        <Field label={t("settings.role")} help={t(`names.role_help.${form.values.role}`)}>
          {(control) => <Pick {...control} value={form.values.role} onChange={(role) => form.set("role", role)} options={ROLES.map((role) => ({ value: role, label: t(`names.roles.${role}`) }))} />}
        </Field>
      )}
    </Form>
  );
}

/** How the times of a source are taken. */
function TimesForm({ source, onClose }: { source: Key; onClose: () => void }) {
  const { t } = useTranslation();
  const save = useWrite((body: { trust_time: boolean; oldest_days: number | null }) => patch<Key>(`/keys/${source.id}`, body), ["/keys"]);
  const form = useForm({ initial: { trust_time: source.trust_time, oldest_days: source.oldest_days ?? null }, submit: (values) => save.mutateAsync(values) });
  return (
    <Form form={form} submitLabel={t("app.save")} onDone={onClose}>
      <Field label={t("settings.trust_time")} help={t("settings.trust_time_help")}>{(control) => <div><Switch {...control} checked={form.values.trust_time} onChange={(trust) => form.set("trust_time", trust)} /></div>}</Field>
      {!form.values.trust_time && (
        <Field label={t("settings.oldest_days")} help={t("settings.oldest_help")} error={form.errors.oldest_days}>
          {(control) => <InputNumber {...control} min={1} max={36_500} precision={0} placeholder="730" value={form.values.oldest_days} onChange={(days) => form.set("oldest_days", days)} />}
        </Field>
      )}
    </Form>
  );
}
