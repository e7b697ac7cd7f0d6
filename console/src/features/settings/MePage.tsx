/** My name and password. */
import { useTranslation } from "react-i18next";
import { patch } from "../../api/client";
import { useWrite } from "../../api/query";
import type { User } from "../../api/types";
import { useSession } from "../../app/session";
import { failed, Field, Form, useForm, useRules } from "../../form";
import { Input, Label, Page, Panel, useToast } from "../../ui";

export default function MePage() {
  const { t } = useTranslation();
  const { session, project } = useSession();
  return (
    <Page title={t("nav.me")} status={<Label tone="brand">{t(`names.roles.${project.role}`)}</Label>} description={session.user.email}>
      <div className="halves">
        <NameForm />
        <PasswordForm />
      </div>
    </Page>
  );
}

function NameForm() {
  const { t } = useTranslation();
  const toast = useToast();
  const rules = useRules();
  const { session } = useSession();
  const save = useWrite((body: { name: string }) => patch<User>(`/users/${session.user.id}`, body), ["/session"]);
  const form = useForm({ initial: { name: session.user.name }, validate: ({ name }) => failed({ name: rules.required(name) }), submit: (values) => save.mutateAsync(values) });
  return (
    <Panel title={t("settings.profile")}>
      <Form form={form} submitLabel={t("app.save")} onDone={() => toast.done(t("app.saved"))}>
        <Field label={t("app.name")} error={form.errors.name}>{(control) => <Input {...control} autoComplete="name" value={form.values.name} onChange={(event) => form.set("name", event.target.value)} />}</Field>
      </Form>
    </Panel>
  );
}

function PasswordForm() {
  const { t } = useTranslation();
  const toast = useToast();
  const rules = useRules();
  const { session } = useSession();
  const save = useWrite((password: string) => patch<User>(`/users/${session.user.id}`, { password }));
  const form = useForm({
    initial: { password: "", again: "" },
    validate: ({ password, again }) => failed({ password: rules.password(password), again: password === again ? undefined : t("settings.passwords_differ") }),
    submit: ({ password }) => save.mutateAsync(password),
  });
  return (
    <Panel title={t("settings.change_password")}>
      <Form
        form={form}
        submitLabel={t("settings.change_password")}
        onDone={() => {
          toast.done(t("app.saved"));
          form.reset({ password: "", again: "" });
        }}
      >
        <Field label={t("settings.new_password")} error={form.errors.password}>{(control) => <Input.Password {...control} autoComplete="new-password" value={form.values.password} onChange={(event) => form.set("password", event.target.value)} />}</Field>
        <Field label={t("settings.again")} error={form.errors.again}>{(control) => <Input.Password {...control} autoComplete="new-password" value={form.values.again} onChange={(event) => form.set("again", event.target.value)} />}</Field>
      </Form>
    </Panel>
  );
}
