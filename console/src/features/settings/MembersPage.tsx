/** Who may do what in this project. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { patch, post, remove } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { Role, User } from "../../api/types";
import { useSession } from "../../app/session";
import { failed, Field, Form, useForm, useRules } from "../../form";
import { ListTable, type Column } from "../../table";
import { Button, Drawer, Empty, Input, Label, Page, Pick, Status, TextButton, useConfirm, useToast } from "../../ui";

const ROLES: Role[] = ["owner", "operator", "analyst", "viewer"];

export default function MembersPage() {
  const { t } = useTranslation();
  const { session } = useSession();
  const toast = useToast();
  const confirm = useConfirm();
  const [adding, setAdding] = useState(false);
  const list = useList<User>("/users");
  const change = useWrite(({ id, ...body }: { id: number; role?: Role; active?: boolean }) => patch<User>(`/users/${id}`, body), ["/users"]);
  const drop = useWrite((id: number) => remove(`/users/${id}`), ["/users"]);
  const mine = (row: User) => row.id === session.user.id;
  const columns: Column<User>[] = [
    { key: "name", title: t("app.name"), cell: (row) => <div className="cell-title"><strong>{row.name} {mine(row) && <Label>{t("settings.you")}</Label>}</strong><span>{row.email}</span></div> },
    {
      key: "role",
      title: t("settings.role"),
      cell: (row) =>
        mine(row) ? t(`names.roles.${row.role}`) : (
          <Pick style={{ minWidth: 110 }} aria-label={`${row.name} ${t("settings.role")}`} value={row.role} onChange={(role) => change.mutate({ id: row.id, role }, { onError: toast.failed })} options={ROLES.map((role) => ({ value: role, label: t(`names.roles.${role}`) }))} />
        ),
    },
    { key: "active", title: t("data.state"), wideOnly: true, cell: (row) => <Status tone={row.active ? "success" : "neutral"}>{t(row.active ? "settings.active" : "settings.inactive")}</Status> },
    {
      key: "actions",
      title: "",
      align: "end",
      cell: (row) =>
        !mine(row) && (
          <div className="row row-end">
            <TextButton onClick={() => change.mutate({ id: row.id, active: !row.active }, { onError: toast.failed })}>{t(row.active ? "settings.deactivate" : "settings.activate")}</TextButton>
            <TextButton
              className="danger-text"
              onClick={() => confirm({ title: t("settings.remove_title", { name: row.name }), content: t("settings.remove_text"), action: t("settings.remove"), danger: true, run: () => drop.mutateAsync(row.id) })}
            >
              {t("settings.remove")}
            </TextButton>
          </div>
        ),
    },
  ];
  return (
    <Page title={t("nav.members")} description={t("settings.members_help")} primary={<Button type="primary" onClick={() => setAdding(true)}>{t("settings.add_member")}</Button>}>
      <ListTable label={t("nav.members")} list={list} columns={columns} rowKey={(row) => row.id} empty={<Empty title={t("settings.no_members")} />} />
      <Drawer open={adding} onClose={() => setAdding(false)} title={t("settings.add_member")} size={420} destroyOnHidden>
        <MemberForm onDone={() => setAdding(false)} />
      </Drawer>
    </Page>
  );
}

function MemberForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const toast = useToast();
  const rules = useRules();
  const add = useWrite((body: { email: string; name: string; role: Role; password: string }) => post<User>("/users", body), ["/users"]);
  const form = useForm({
    initial: { email: "", name: "", role: "operator" as Role, password: "" },
    validate: ({ email, name, password }) => failed({ email: rules.email(email), name: rules.required(name), password: rules.password(password) }),
    submit: (values) => add.mutateAsync(values),
  });
  return (
    <Form
      form={form}
      submitLabel={t("settings.add_member")}
      onDone={() => {
        toast.done(t("app.saved"));
        onDone();
      }}
    >
      <Field label={t("login.email")} error={form.errors.email}>{(control) => <Input {...control} type="email" autoFocus value={form.values.email} onChange={(event) => form.set("email", event.target.value)} />}</Field>
      <Field label={t("app.name")} error={form.errors.name}>{(control) => <Input {...control} value={form.values.name} onChange={(event) => form.set("name", event.target.value)} />}</Field>
      <Field label={t("settings.role")} help={t(`names.role_help.${form.values.role}`)}>
        {(control) => <Pick {...control} value={form.values.role} onChange={(role) => form.set("role", role)} options={ROLES.map((role) => ({ value: role, label: t(`names.roles.${role}`) }))} />}
      </Field>
      <Field label={t("settings.first_password")} help={t("settings.first_password_help")} error={form.errors.password}>
        {(control) => <Input.Password {...control} autoComplete="new-password" value={form.values.password} onChange={(event) => form.set("password", event.target.value)} />}
      </Field>
    </Form>
  );
}
