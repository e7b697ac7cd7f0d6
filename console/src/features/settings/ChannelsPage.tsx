/** How messages leave: e-mail by SMTP, webhooks. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post, put } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Channel, EmailSettings, Page as List } from "../../api/types";
import { useSession } from "../../app/session";
import { failed, Field, Form, useForm, useRules } from "../../form";
import { ReturnsPanel } from "./ReturnsPanel";
import { Button, Input, InputNumber, Loaded, Page, Panel, Segmented, Status, useToast } from "../../ui";

const NEW_EMAIL: EmailSettings = { host: "", port: 465, security: "tls", username: "", from: "" };

export default function ChannelsPage() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["/channels"], queryFn: ({ signal }) => get<List<Channel>>("/channels", { signal }) });
  return (
    <Page title={t("nav.channels")} description={t("settings.channels_help")}>
      <Loaded query={query}>
        {(channels) => (
          <>
            <div className="halves">
              <EmailPanel settings={settingsOf(channels.items)} standing={standingOf(channels.items, "email")} />
              <WebhookPanel standing={standingOf(channels.items, "webhook")} />
            </div>
            <ReturnsPanel domain={settingsOf(channels.items)?.bounce_domain} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function settingsOf(channels: Channel[]): EmailSettings | null {
  const email = channels.find((channel) => channel.id === "email");
  return email?.configured ? (email.settings as EmailSettings) : null;
}

type Standing = "configured" | "not_configured" | "unreadable";
const STANDING_TONES = { configured: "success", not_configured: "neutral", unreadable: "danger" } as const;

function standingOf(channels: Channel[], id: string): Standing {
  const channel = channels.find((one) => one.id === id);
  if (!channel?.configured) return "not_configured";
  return channel.secrets_readable ? "configured" : "unreadable";
}

function EmailPanel({ settings, standing }: { settings: EmailSettings | null; standing: Standing }) {
  const { t } = useTranslation();
  const toast = useToast();
  const rules = useRules();
  const save = useWrite((body: EmailSettings) => put<unknown>("/channels/email", cleaned(body)), ["/channels"]);
  const form = useForm<EmailSettings>({
    initial: { ...NEW_EMAIL, ...settings, password: "" },
    validate: (values) => failed({ host: rules.required(values.host), from: rules.required(values.from) }),
    submit: (values) => save.mutateAsync(values),
  });
  const { values, set, errors } = form;
  return (
    <Panel title={t("campaigns.channel_email")} extra={<Status tone={STANDING_TONES[standing]}>{t(`settings.${standing}`)}</Status>}>
      {standing === "unreadable" && <p className="help" role="alert">{t("errors.secret_unreadable")}</p>}
      <Form form={form} submitLabel={t("app.save")} onDone={() => toast.done(t("app.saved"))}>
        <div className="field-row">
          <Field label={t("settings.host")} error={errors.host}>{(control) => <Input {...control} placeholder="smtp.example.com" value={values.host} onChange={(event) => set("host", event.target.value)} />}</Field>
          <Field label={t("settings.port")} error={errors.port}>{(control) => <InputNumber {...control} min={1} max={65_535} precision={0} style={{ width: "100%" }} value={values.port} onChange={(port) => port && set("port", port)} />}</Field>
        </div>
        <Field label={t("settings.security")}>
          {() => <div><Segmented value={values.security} onChange={(security) => set("security", security)} options={(["tls", "starttls", "none"] as const).map((security) => ({ value: security, label: t(`settings.security_${security}`) }))} /></div>}
        </Field>
        <div className="field-row">
          <Field label={t("settings.username")} optional>{(control) => <Input {...control} autoComplete="off" value={values.username ?? ""} onChange={(event) => set("username", event.target.value)} />}</Field>
          <Field label={t("login.password")} help={settings?.password_set ? t("settings.keep_password") : undefined} error={errors.password}>{(control) => <Input.Password {...control} autoComplete="new-password" value={values.password ?? ""} onChange={(event) => set("password", event.target.value)} />}</Field>
        </div>
        <div className="field-row">
          <Field label={t("settings.from")} error={errors.from}>{(control) => <Input {...control} placeholder="烘焙坊 <hello@example.com>" value={values.from} onChange={(event) => set("from", event.target.value)} />}</Field>
          <Field label={t("settings.reply_to")} optional error={errors.reply_to}>{(control) => <Input {...control} value={values.reply_to ?? ""} onChange={(event) => set("reply_to", event.target.value)} />}</Field>
        </div>
        <Field label={t("settings.bounce_domain")} optional help={t("settings.bounce_domain_help")} error={errors.bounce_domain}>{(control) => <Input {...control} placeholder="bounces.example.com" value={values.bounce_domain ?? ""} onChange={(event) => set("bounce_domain", event.target.value)} />}</Field>
      </Form>
      {settings && <EmailTest />}
    </Panel>
  );
}

/** Empty fields are absent; a secret that is absent stays as it is. */
function cleaned(settings: EmailSettings): EmailSettings {
  return { ...settings, password_set: undefined, username: settings.username || undefined, password: settings.password || undefined, reply_to: settings.reply_to || undefined, bounce_domain: settings.bounce_domain || undefined };
}

function EmailTest() {
  const { t } = useTranslation();
  const toast = useToast();
  const { session } = useSession();
  const [to, setTo] = useState(session.user.email);
  const test = useWrite(() => post("/channels/email/test", { to }));
  return (
    <div className="row" style={{ marginTop: 20 }}>
      <Input type="email" style={{ width: 240 }} aria-label={t("settings.test_to")} value={to} onChange={(event) => setTo(event.target.value)} />
      <Button loading={test.isPending} onClick={() => test.mutate(undefined, { onSuccess: () => toast.done(t("campaigns.test_sent")), onError: toast.failed })}>{t("campaigns.send_test")}</Button>
    </div>
  );
}

function WebhookPanel({ standing }: { standing: Standing }) {
  const { t } = useTranslation();
  const toast = useToast();
  const rules = useRules();
  const save = useWrite((body: { secret: string }) => put<unknown>("/channels/webhook", body), ["/channels"]);
  const form = useForm({
    initial: { secret: "" },
    validate: ({ secret }) => failed({ secret: rules.required(secret) }),
    submit: (values) => save.mutateAsync(values),
  });
  return (
    <Panel title={t("campaigns.channel_webhook")} help={t("settings.webhook_help")} extra={<Status tone={STANDING_TONES[standing]}>{t(`settings.${standing}`)}</Status>}>
      {standing === "unreadable" && <p className="help" role="alert">{t("errors.secret_unreadable")}</p>}
      <Form form={form} submitLabel={t("app.save")} onDone={() => toast.done(t("app.saved"))}>
        <Field label={t("settings.secret")} help={t("settings.secret_help")} error={form.errors.secret}>
          {(control) => <Input.Password {...control} autoComplete="new-password" value={form.values.secret} onChange={(event) => form.set("secret", event.target.value)} />}
        </Field>
      </Form>
    </Panel>
  );
}
