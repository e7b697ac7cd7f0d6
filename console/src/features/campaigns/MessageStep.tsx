/** Step 2: what is said. The code on the left, how one person gets it on the right. */
import { lazy, Suspense, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useAttributes, useTags } from "../../api/catalog";
import type { EmailContent, WebhookContent } from "../../api/types";
import { useNames } from "../../app/names";
import { Field } from "../../form";
import { Button, Input, Panel, Pick, Skeleton } from "../../ui";
import type { StepProps } from "./CampaignEditor";
import { isEmail } from "./draft";
import { EMAIL_BLOCKS, EMAIL_TEMPLATES } from "./emailTemplates";
import { JsonInput } from "./JsonInput";

const Preview = lazy(() => import("./Preview"));

export function MessageStep({ campaign, draft, change }: StepProps) {
  const { t } = useTranslation();
  const { content } = draft;
  return (
    <div className="halves">
      <Panel title={t("campaigns.step_message")} help={t("campaigns.message_help")}>
        {isEmail(content) ? <EmailEditor value={content} onChange={(next) => change({ content: next })} /> : <WebhookEditor value={content} onChange={(next) => change({ content: next })} />}
      </Panel>
      <Suspense fallback={<Skeleton rows={8} />}><Preview campaign={campaign} draft={draft} /></Suspense>
    </div>
  );
}

/** The variables a message may hold, as the server's templates write them. */
function useVariables() {
  const { t } = useTranslation();
  const names = useNames();
  const attributes = useAttributes().data ?? [];
  const tags = useTags().data ?? [];
  const friend = t("campaigns.default_name");
  return [
    { value: `{{ person.name | default('${friend}') }}`, label: names.property("name") },
    ...attributes.filter((item) => item.name !== "name" && /^\w+$/.test(item.name)).map((item) => ({ value: item.name.endsWith("_minor") ? `{{ person.${item.name} | default(0) | money }}` : `{{ person.${item.name} | default('') }}`, label: names.property(item.name), keywords: item.name })),
    ...tags.filter((tag) => !tag.name.includes("'")).map((tag) => ({ value: `{{ person.tags${/^\w+$/.test(tag.name) ? `.${tag.name}` : `['${tag.name}']`} | default('') }}`, label: `${t("condition.tag")} · ${tag.display || tag.name}` })),
    { value: "{{ project.name }}", label: t("campaigns.variable_project") },
    { value: "{{ unsubscribe_url }}", label: t("campaigns.variable_unsubscribe") },
    { value: "{{ preferences_url }}", label: t("campaigns.variable_preferences") },
  ];
}

function EmailEditor({ value, onChange }: { value: EmailContent; onChange: (content: EmailContent) => void }) {
  const { t } = useTranslation();
  const variables = useVariables();
  const area = useRef<HTMLTextAreaElement>(null);
  /** Puts text where the cursor is. */
  const insert = (text: string) => {
    const box = area.current;
    const from = box?.selectionStart ?? value.html.length;
    const to = box?.selectionEnd ?? from;
    onChange({ ...value, html: value.html.slice(0, from) + text + value.html.slice(to) });
    requestAnimationFrame(() => {
      box?.focus();
      box?.setSelectionRange(from + text.length, from + text.length);
    });
  };
  const template = (key: keyof typeof EMAIL_TEMPLATES) => {
    const made = EMAIL_TEMPLATES[key](t);
    onChange({ ...value, subject: value.subject || made.subject, html: made.html });
  };
  return (
    <div className="form form-wide">
      <Field label={t("campaigns.subject")}>
        {(control) => <Input {...control} maxLength={200} placeholder={t("campaigns.subject_example")} value={value.subject} onChange={(event) => onChange({ ...value, subject: event.target.value })} />}
      </Field>
      {value.html.trim() === "" && (
        <div className="row">
          <span className="help">{t("campaigns.start_from")}</span>
          {(Object.keys(EMAIL_TEMPLATES) as (keyof typeof EMAIL_TEMPLATES)[]).map((key) => <Button key={key} size="small" onClick={() => template(key)}>{t(`campaigns.template_${key}`)}</Button>)}
        </div>
      )}
      <div className="field">
        <div className="spread">
          <label htmlFor="campaign-html">{t("campaigns.body")}</label>
          <div className="row row-tight">
            {(Object.keys(EMAIL_BLOCKS) as (keyof typeof EMAIL_BLOCKS)[]).map((key) => <Button key={key} size="small" type="text" onClick={() => insert(EMAIL_BLOCKS[key](t))}>+ {t(`campaigns.block_${key}`)}</Button>)}
            <Pick size="small" style={{ minWidth: 120 }} placeholder={t("campaigns.insert_variable")} aria-label={t("campaigns.insert_variable")} value={null} onChange={insert} options={variables} />
          </div>
        </div>
        <textarea id="campaign-html" ref={area} className="html-editor" spellCheck={false} value={value.html} onChange={(event) => onChange({ ...value, html: event.target.value })} />
        <p className="help">{t("campaigns.body_help")}</p>
      </div>
      <Field label={t("campaigns.coupon")} optional help={t("campaigns.coupon_help", { variable: "{{ coupon }}" })}>
        {(control) => <Input {...control} value={value.coupon ?? ""} onChange={(event) => onChange({ ...value, coupon: event.target.value || undefined })} />}
      </Field>
    </div>
  );
}

function WebhookEditor({ value, onChange }: { value: WebhookContent; onChange: (content: WebhookContent) => void }) {
  const { t } = useTranslation();
  return (
    <div className="form form-wide">
      <Field label="URL" help={t("campaigns.url_help")}>
        {(control) => <Input {...control} type="url" placeholder="https://" value={value.url} onChange={(event) => onChange({ ...value, url: event.target.value })} />}
      </Field>
      <Field label={t("campaigns.method")}>
        {(control) => <Pick {...control} style={{ width: 120 }} value={value.method} onChange={(method) => onChange({ ...value, method })} options={["POST", "PUT"].map((method) => ({ value: method, label: method }))} />}
      </Field>
      <JsonInput label={t("campaigns.json_body")} help={t("campaigns.json_help")} value={value.body} onChange={(body) => onChange({ ...value, body })} />
    </div>
  );
}
