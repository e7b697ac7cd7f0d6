/** Step 1: what it is called, and to whom it goes. */
import { useTranslation } from "react-i18next";
import { useSegments } from "../../api/catalog";
import { Link } from "../../app/router";
import { ConditionLines } from "../../condition";
import { Field } from "../../form";
import { paths } from "../../paths";
import { Checkbox, Input, Num, Panel, Pick, Segmented } from "../../ui";
import { useConsentNames, usePurposes } from "../consent/consent";
import type { StepProps } from "./CampaignEditor";
import { isWebhook } from "./draft";

export function AudienceStep({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const segments = useSegments().data ?? [];
  const names = useConsentNames();
  const purposes = (usePurposes().data ?? []).filter((purpose) => !purpose.archived || purpose.id === draft.purpose);
  const segment = segments.find((item) => item.id === draft.segment_id);
  const setChannel = (channel: "email" | "webhook") =>
    change({ channel, content: channel === "email" ? { subject: "", html: "" } : { url: "", method: "POST", body: { person: "{{ person.no }}" } } });
  return (
    <Panel title={t("campaigns.step_audience")} help={t("campaigns.audience_help")}>
      <div className="form">
        <Field label={t("app.name")} error={draft.name.trim() === "" ? t("form.required") : undefined}>
          {(control) => <Input {...control} maxLength={80} value={draft.name} onChange={(event) => change({ name: event.target.value })} />}
        </Field>
        <Field label={t("nav.segments")} help={<Link to={paths.newSegment}>{t("campaigns.make_segment")}</Link>}>
          {(control) => (
            <Pick {...control} style={{ width: "100%" }} placeholder={t("condition.choose_segment")} value={draft.segment_id} onChange={(id) => change({ segment_id: id })} options={segments.map((item) => ({ value: item.id, label: item.name }))} />
          )}
        </Field>
        {segment && (
          <div className="note tone-brand">
            <div className="stack stack-tight">
              <strong><Num value={segment.count} /> {t("analyses.people")}</strong>
              {segment.kind === "dynamic" && <ConditionLines condition={segment.condition} />}
              <p className="help">{t("campaigns.frozen_at_start")}</p>
            </div>
          </div>
        )}
        <Field label={t("nav.channels")}>
          {() => (
            <div>
              <Segmented value={isWebhook(draft.content) ? "webhook" : "email"} onChange={setChannel} options={(["email", "webhook"] as const).map((channel) => ({ value: channel, label: t(`campaigns.channel_${channel}`) }))} />
            </div>
          )}
        </Field>
        <Field label={t("consent.campaign_purpose")} help={t("consent.campaign_purpose_help")}>
          {(control) => (
            <Pick {...control} style={{ width: "100%" }} value={draft.purpose} onChange={(purpose) => change({ purpose })} options={purposes.map((purpose) => ({ value: purpose.id, label: names.purpose(purpose) }))} />
          )}
        </Field>
        <div>
          <Checkbox checked={draft.automated} onChange={(event) => change({ automated: event.target.checked })}>{t("consent.automated")}</Checkbox>
          <p className="help">{t("consent.automated_help")}</p>
        </div>
      </div>
    </Panel>
  );
}
