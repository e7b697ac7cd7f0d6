/** One purpose: what it is called, what silence means, and the text people agree to. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get, put } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Page, Purpose, PurposeChange, PurposeDefinition, PurposeText, Silence } from "../../api/types";
import { useSession } from "../../app/session";
import { Field, Form, useForm } from "../../form";
import { Checkbox, DateTime, Drawer, Input, InputNumber, Pick, Segmented, TextButton, useToast } from "../../ui";
import { CHANNELS, EVERY_CHANNEL, useConsentNames } from "./consent";

interface Values {
  id: string;
  definition: PurposeDefinition;
  text_zh: string;
  text_en: string;
  renew: boolean;
}

const NEW: Values = {
  id: "",
  definition: {
    name_zh: "", name_en: "", description_zh: "", description_en: "", essential: false, sensitive: false, basis: "consent",
    silence: { [EVERY_CHANNEL]: "opt_in" }, valid_days: null, retention: "", archived: false,
  },
  text_zh: "",
  text_en: "",
  renew: false,
};

function valuesOf(purpose: Purpose): Values {
  const { id, text_zh, text_en, version: _version, renew_from: _renew, updated_at: _at, ...definition } = purpose;
  return { id, definition, text_zh, text_en, renew: false };
}

export function PurposeDrawer({ purpose, onClose }: { purpose: Purpose | null; onClose: () => void }) {
  const { t } = useTranslation();
  const names = useConsentNames();
  const toast = useToast();
  const { may } = useSession();
  const locked = !may("protection.manage");
  const save = useWrite(({ id, ...body }: Values) => put<Purpose>(`/consent/purposes/${id}`, body satisfies PurposeChange), ["/consent", "/people"]);
  const form = useForm<Values>({ initial: purpose ? valuesOf(purpose) : NEW, submit: (values) => save.mutateAsync(values) });
  const { definition } = form.values;
  const define = (change: Partial<PurposeDefinition>) => form.set("definition", { ...definition, ...change });
  const changed = purpose !== null && (purpose.text_zh !== form.values.text_zh || purpose.text_en !== form.values.text_en);
  const input = (label: string, name: "name_zh" | "name_en" | "description_zh" | "description_en" | "retention") => (
    <Field label={label} error={form.errors[name]}>
      {(control) => <Input {...control} disabled={locked} value={definition[name]} onChange={(event) => define({ [name]: event.target.value })} />}
    </Field>
  );
  const text = (label: string, name: "text_zh" | "text_en") => (
    <Field label={label} error={form.errors[name]}>
      {(control) => <Input.TextArea {...control} disabled={locked} autoSize={{ minRows: 3, maxRows: 10 }} value={form.values[name]} onChange={(event) => form.set(name, event.target.value)} />}
    </Field>
  );
  return (
    <Drawer title={purpose ? names.purpose(purpose) : t("consent.new_purpose")} open onClose={onClose} size={560}>
      <Form
        form={form}
        submitLabel={t("app.save")}
        disabled={locked}
        onDone={() => {
          toast.done(t("app.saved"));
          onClose();
        }}
      >
        {purpose === null && (
          <Field label={t("consent.id")} help={t("consent.id_help")} error={form.errors.purpose}>
            {(control) => <Input {...control} maxLength={40} value={form.values.id} onChange={(event) => form.set("id", event.target.value)} />}
          </Field>
        )}
        {input(t("consent.name_zh"), "name_zh")}
        {input(t("consent.name_en"), "name_en")}
        {input(t("consent.description_zh"), "description_zh")}
        {input(t("consent.description_en"), "description_en")}
        <div className="stack stack-tight">
          <Checkbox disabled={locked} checked={definition.essential} onChange={(event) => define({ essential: event.target.checked })}>{t("consent.essential_help")}</Checkbox>
          <Checkbox disabled={locked} checked={definition.sensitive} onChange={(event) => define({ sensitive: event.target.checked })}>{t("consent.sensitive_help")}</Checkbox>
          {purpose !== null && <Checkbox disabled={locked} checked={definition.archived} onChange={(event) => define({ archived: event.target.checked })}>{t("consent.archived_help")}</Checkbox>}
        </div>
        {!definition.essential && <SilenceEditor silence={definition.silence} locked={locked} onChange={(silence) => define({ silence })} />}
        <Field label={t("consent.basis")}>
          {(control) => <Pick {...control} disabled={locked} style={{ width: "100%" }} value={definition.basis} onChange={(basis) => define({ basis })} options={(["consent", "contract", "legal_duty"] as const).map((basis) => ({ value: basis, label: t(`consent.bases.${basis}`) }))} />}
        </Field>
        <Field label={t("consent.valid_days")} help={t("consent.valid_days_help")} error={form.errors.valid_days} optional>
          {(control) => <InputNumber {...control} disabled={locked} min={1} max={3650} precision={0} value={definition.valid_days ?? null} onChange={(days) => define({ valid_days: days })} />}
        </Field>
        {input(t("consent.retention"), "retention")}
        {text(t("consent.text_zh"), "text_zh")}
        {text(t("consent.text_en"), "text_en")}
        {changed && (
          <div className="note tone-brand">
            <div className="stack stack-tight">
              <span>{t("consent.new_version", { version: purpose.version + 1 })}</span>
              <Checkbox checked={form.values.renew} onChange={(event) => form.set("renew", event.target.checked)}>{t("consent.renew")}</Checkbox>
            </div>
          </div>
        )}
      </Form>
      {purpose !== null && <Texts purpose={purpose} />}
    </Drawer>
  );
}

/** What it means that somebody said nothing, per channel. */
function SilenceEditor({ silence, locked, onChange }: { silence: PurposeDefinition["silence"]; locked: boolean; onChange: (silence: Record<string, Silence>) => void }) {
  const { t } = useTranslation();
  const names = useConsentNames();
  const channels = [EVERY_CHANNEL, ...CHANNELS].filter((channel) => channel in silence);
  const free = CHANNELS.filter((channel) => !(channel in silence));
  const without = (channel: string) => Object.fromEntries(Object.entries(silence).filter(([name]) => name !== channel));
  return (
    <Field label={t("consent.unsaid")} help={t("consent.unsaid_help")}>
      {() => (
        <div className="stack stack-tight">
          {channels.map((channel) => (
            <div className="row" key={channel}>
              <span style={{ minWidth: 96 }}>{channel === EVERY_CHANNEL && channels.length > 1 ? t("consent.channels.others") : names.channel(channel)}</span>
              <Segmented<Silence> disabled={locked} value={silence[channel] ?? "opt_in"} onChange={(means) => onChange({ ...silence, [channel]: means })} options={(["opt_in", "opt_out"] as const).map((means) => ({ value: means, label: t(`consent.silence.${means}`) }))} />
              {channel !== EVERY_CHANNEL && !locked && <TextButton onClick={() => onChange(without(channel))}>{t("settings.remove")}</TextButton>}
            </div>
          ))}
          {!locked && free.length > 0 && (
            <Pick style={{ width: 200 }} placeholder={t("consent.add_channel")} aria-label={t("consent.add_channel")} value={null} onChange={(channel: string) => onChange({ ...silence, [channel]: "opt_in" })} options={free.map((channel) => ({ value: channel as string, label: names.channel(channel) }))} />
          )}
        </div>
      )}
    </Field>
  );
}

function Texts({ purpose }: { purpose: Purpose }) {
  const { t, i18n } = useTranslation();
  const path = `/consent/purposes/${purpose.id}/texts`;
  const texts = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<Page<PurposeText>>(path, { signal }) }).data?.items ?? [];
  if (texts.length < 2) return null;
  return (
    <details className="consent-texts">
      <summary>{t("consent.earlier_texts")}</summary>
      <ol className="consent-list">
        {texts.map((text) => (
          <li key={text.version}>
            <div className="consent-what"><strong>{t("consent.version", { version: text.version })}</strong></div>
            <div className="consent-state muted small">{text.created_at ? <DateTime at={text.created_at} /> : t("consent.shipped")}</div>
            <p className="help consent-proof">{i18n.language.startsWith("zh") ? text.text_zh : text.text_en}</p>
          </li>
        ))}
      </ol>
    </details>
  );
}
