/** Takes down what somebody asked on the phone, in a shop, in a letter. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { CreatedRightsRequest, RightsRequestKind } from "../../api/types";
import { useNames } from "../../app/names";
import { Field, Form, failed, useForm, useRules } from "../../form";
import { Button, Drawer, Input, Label, Pick, Segmented } from "../../ui";
import { Find } from "./FindDialog";
import { KINDS, TOUCHED } from "./rights";

const CONTACTS = ["email", "phone", "login"] as const;

interface Values {
  kind: RightsRequestKind;
  who: "known" | "contact";
  namespace: (typeof CONTACTS)[number];
  contact: string;
  source: string;
  note: string;
  language: "zh" | "en";
}

interface Props {
  /** Of whom; asked for if absent. */
  person?: number;
  onClose: () => void;
  onDone: (id: number) => void;
}

export function NewRequest({ person: given, onClose, onDone }: Props) {
  const { t } = useTranslation();
  const rules = useRules();
  const names = useNames();
  const [person, setPerson] = useState<number | null>(given ?? null);
  const create = useWrite(async ({ who, namespace, contact, ...rest }: Values) => {
    const of = who === "known" ? { person } : { contact: { namespace, value: contact.trim() } };
    return (await post<CreatedRightsRequest>("/rights/requests", { ...rest, ...of })).id;
  }, TOUCHED);
  const form = useForm<Values>({
    initial: { kind: "access", who: "known", namespace: "email", contact: "", source: "", note: "", language: "zh" },
    validate: (values) => failed({
      source: rules.required(values.source),
      contact: values.who === "contact" ? rules.required(values.contact) : undefined,
      who: values.who === "known" && person === null ? t("rights.choose_person") : undefined,
    }),
    submit: async (values) => onDone(await create.mutateAsync(values)),
  });
  const { values } = form;
  return (
    <Drawer title={t("rights.take_down")} open onClose={onClose} size={460}>
      <p className="help" style={{ marginBottom: 16 }}>{t("rights.take_down_help")}</p>
      <Form form={form} submitLabel={t("rights.take_down")}>
        <Field label={t("rights.kind")}>
          {(control) => <Pick {...control} style={{ width: "100%" }} value={values.kind} onChange={(kind) => form.set("kind", kind)} options={KINDS.map((value) => ({ value, label: t(`rights.kinds.${value}`) }))} />}
        </Field>
        <Field label={t("rights.who")} error={form.errors.who}>
          {() => (
            <div className="stack stack-tight">
              <div><Segmented<Values["who"]> value={values.who} onChange={(who) => form.set("who", who)} options={[{ value: "known", label: t("rights.known") }, { value: "contact", label: t("rights.contact_only") }]} /></div>
              {values.who === "known" && (person === null ? <Find onChoose={setPerson} /> : (
                <div className="row">
                  <Label tone="brand">#{person}</Label>
                  {given === undefined && <Button size="small" onClick={() => setPerson(null)}>{t("rights.somebody_else")}</Button>}
                </div>
              ))}
            </div>
          )}
        </Field>
        {values.who === "contact" && (
          <Field label={t("rights.contact")} help={t("rights.contact_help")} error={form.errors.contact}>
            {(control) => (
              <div className="row rights-find">
                <Pick aria-label={t("rights.contact_kind")} value={values.namespace} onChange={(namespace) => form.set("namespace", namespace)} options={CONTACTS.map((value) => ({ value, label: names.namespace(value) }))} />
                <Input {...control} className="grow" maxLength={200} value={values.contact} onChange={(event) => form.set("contact", event.target.value)} />
              </div>
            )}
          </Field>
        )}
        <Field label={t("rights.source")} help={t("rights.source_help")} error={form.errors.source}>
          {(control) => <Input {...control} maxLength={200} value={values.source} onChange={(event) => form.set("source", event.target.value)} />}
        </Field>
        <Field label={t("rights.note")} optional>
          {(control) => <Input.TextArea {...control} rows={3} maxLength={2000} value={values.note} onChange={(event) => form.set("note", event.target.value)} />}
        </Field>
        <Field label={t("rights.language")} help={t("rights.language_help")}>
          {() => <div><Segmented<Values["language"]> value={values.language} onChange={(language) => form.set("language", language)} options={[{ value: "zh", label: "中文" }, { value: "en", label: "English" }]} /></div>}
        </Field>
      </Form>
    </Drawer>
  );
}
