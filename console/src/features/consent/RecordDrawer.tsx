/** Writes down what a person said by another way: on the phone, on paper, in a shop. */
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { errorFromBody } from "../../api/errors";
import { useWrite } from "../../api/query";
import type { ConsentHow, ConsentPosition, ConsentState, StatementResults } from "../../api/types";
import { Field, Form, useForm, useRules } from "../../form";
import { Drawer, Input, Pick, Segmented, useToast } from "../../ui";
import { CHANNELS, EVERY_CHANNEL, useConsentNames, usePurposes } from "./consent";

const HOWS: ConsentHow[] = ["verbal", "paper", "checkbox", "import", "staff"];

interface Values {
  purpose: string;
  channel: string;
  state: ConsentState;
  how: ConsentHow;
  source: string;
  evidence: string;
}

interface Props {
  person: number;
  /** What is changed; null: anything. */
  position: ConsentPosition | null;
  onClose: () => void;
}

export function RecordDrawer({ person, position, onClose }: Props) {
  const { t } = useTranslation();
  const toast = useToast();
  const rules = useRules();
  const names = useConsentNames();
  const purposes = (usePurposes().data ?? []).filter((purpose) => !purpose.essential && !purpose.archived);
  const save = useWrite(async (values: Values) => {
    const version = values.state === "granted" ? purposes.find((purpose) => purpose.id === values.purpose)?.version : undefined;
    const { items } = await post<StatementResults>("/consent/records", { items: [{ person, ...values, ...(version ? { version } : {}) }] });
    const error = items[0]?.error;
    if (error) throw errorFromBody(422, { error: { ...error, params: {} } });
  }, [`/people/${person}`]);
  const form = useForm<Values>({
    initial: {
      purpose: position?.purpose ?? "marketing",
      channel: position?.channel ?? EVERY_CHANNEL,
      state: position?.allowed === false ? "granted" : "withdrawn",
      how: "verbal",
      source: "",
      evidence: "",
    },
    validate: (values): Record<string, string> => {
      const missing = rules.required(values.source);
      return missing === undefined ? {} : { source: missing };
    },
    submit: (values) => save.mutateAsync(values),
  });
  const { values } = form;
  const chosen = purposes.find((purpose) => purpose.id === values.purpose);
  return (
    <Drawer title={t("consent.record")} open onClose={onClose} size={420}>
      <p className="help" style={{ marginBottom: 16 }}>{t("consent.record_help")}</p>
      <Form
        form={form}
        submitLabel={t("consent.record")}
        onDone={() => {
          toast.done(t("app.saved"));
          onClose();
        }}
      >
        <Field label={t("consent.purpose")} help={chosen?.sensitive ? t("consent.sensitive_help") : undefined}>
          {(control) => <Pick {...control} style={{ width: "100%" }} value={values.purpose} onChange={(id) => form.set("purpose", id)} options={purposes.map((purpose) => ({ value: purpose.id, label: names.purpose(purpose) }))} />}
        </Field>
        <Field label={t("nav.channels")}>
          {(control) => <Pick {...control} style={{ width: "100%" }} value={values.channel} onChange={(channel) => form.set("channel", channel)} options={[EVERY_CHANNEL, ...CHANNELS].map((channel) => ({ value: channel, label: names.channel(channel) }))} />}
        </Field>
        <Field label={t("consent.said")}>
          {() => <div><Segmented<ConsentState> value={values.state} onChange={(state) => form.set("state", state)} options={(["granted", "denied", "withdrawn"] as const).map((state) => ({ value: state, label: t(`consent.states.${state}`) }))} /></div>}
        </Field>
        <Field label={t("consent.how")}>
          {(control) => <Pick {...control} style={{ width: "100%" }} value={values.how} onChange={(how) => form.set("how", how)} options={HOWS.map((how) => ({ value: how, label: t(`consent.hows.${how}`) }))} />}
        </Field>
        <Field label={t("consent.where")} help={t("consent.where_help")} error={form.errors.source}>
          {(control) => <Input {...control} maxLength={200} value={values.source} onChange={(event) => form.set("source", event.target.value)} />}
        </Field>
        <Field label={t("consent.evidence")} help={t("consent.evidence_help")} optional>
          {(control) => <Input {...control} maxLength={200} value={values.evidence} onChange={(event) => form.set("evidence", event.target.value)} />}
        </Field>
      </Form>
    </Drawer>
  );
}
