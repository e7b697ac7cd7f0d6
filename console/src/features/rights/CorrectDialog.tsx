/** What is wrong, what is right, and why: an attribute or an identifier. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Person, PersonIdentity, RightsCorrection, Value } from "../../api/types";
import { useNames } from "../../app/names";
import { Field, Form, failed, useForm, useRules } from "../../form";
import { Checkbox, Drawer, Input, InputNumber, ManyValues, Pick, Segmented, useToast } from "../../ui";
import { TOUCHED } from "./rights";

const RIGHT_KINDS = ["phone", "email", "login", "member_no"] as const;

interface Values {
  of: "attribute" | "identifier";
  attribute: string;
  value: Value | null;
  nothing: boolean;
  wrong: number | null;
  namespace: string;
  identifier: string;
  reason: string;
}

interface Props {
  person: Person;
  /** The request it answers. */
  request?: number;
  /** Corrected at once, where it was seen. */
  attribute?: string;
  onClose: () => void;
}

export function CorrectDialog({ person, request, attribute, onClose }: Props) {
  const { t } = useTranslation();
  const rules = useRules();
  const toast = useToast();
  const first = attribute ?? Object.keys(person.attributes)[0] ?? "";
  const save = useWrite((values: Values) => post<RightsCorrection>(`/people/${person.person}/corrections`, { reason: values.reason, ...(request ? { request } : {}), ...changeOf(values) }), [...TOUCHED, "/segments"]);
  const form = useForm<Values>({
    initial: { of: first === "" ? "identifier" : "attribute", attribute: first, value: person.attributes[first] ?? "", nothing: false, wrong: null, namespace: "phone", identifier: "", reason: "" },
    validate: (values) => failed({
      reason: rules.required(values.reason),
      value: values.of === "attribute" && !values.nothing && (values.value === null || values.value === "") ? t("form.required") : undefined,
      identifier: values.of === "identifier" && values.wrong === null ? rules.required(values.identifier) : undefined,
    }),
    submit: (values) => save.mutateAsync(values),
  });
  const { values } = form;
  return (
    <Drawer title={t("rights.correct")} open onClose={onClose} size={440}>
      <p className="help" style={{ marginBottom: 16 }}>{values.of === "attribute" ? t("rights.correct_help") : t("rights.correct_identifier_help")}</p>
      <Form
        form={form}
        submitLabel={t("rights.correct")}
        onDone={() => {
          toast.done(t("rights.corrected"));
          onClose();
        }}
      >
        {attribute === undefined && first !== "" && (
          <Field label={t("rights.what")}>
            {() => <div><Segmented<Values["of"]> value={values.of} onChange={(of) => form.set("of", of)} options={[{ value: "attribute", label: t("people.attributes") }, { value: "identifier", label: t("rights.identifier") }]} /></div>}
          </Field>
        )}
        {values.of === "attribute" ? <AttributeFields person={person} form={form} fixed={attribute !== undefined} /> : <IdentifierFields person={person.person} form={form} />}
        <Field label={t("rights.reason")} help={t("rights.reason_help")} error={form.errors.reason}>
          {(control) => <Input {...control} maxLength={500} value={values.reason} onChange={(event) => form.set("reason", event.target.value)} />}
        </Field>
      </Form>
    </Drawer>
  );
}

function changeOf(values: Values) {
  if (values.of === "attribute") return { attribute: { name: values.attribute, value: values.nothing ? null : values.value } };
  const right = values.identifier.trim() === "" ? null : { namespace: values.namespace, value: values.identifier.trim() };
  return { identifier: { wrong: values.wrong, right } };
}

type State = ReturnType<typeof useForm<Values>>;

function AttributeFields({ person, form, fixed }: { person: Person; form: State; fixed: boolean }) {
  const { t } = useTranslation();
  const names = useNames();
  const { values } = form;
  const choose = (name: string) => {
    form.set("attribute", name);
    form.set("value", person.attributes[name] ?? "");
  };
  return (
    <>
      <Field label={t("rights.attribute")}>
        {(control) => <Pick {...control} disabled={fixed} style={{ width: "100%" }} value={values.attribute} onChange={choose} options={Object.keys(person.attributes).map((name) => ({ value: name, label: names.property(name), keywords: name }))} />}
      </Field>
      <Field label={t("rights.right_value")} error={form.errors.value}>
        {(control) => values.nothing ? <Input {...control} disabled value={t("rights.nothing")} /> : <ValueInput control={control} value={values.value} onChange={(value) => form.set("value", value)} />}
      </Field>
      <Checkbox checked={values.nothing} onChange={(event) => form.set("nothing", event.target.checked)}>{t("rights.nothing_help")}</Checkbox>
    </>
  );
}

/** Of the kind that the value has now. */
function ValueInput({ control, value, onChange }: { control: { id: string }; value: Value | null; onChange: (value: Value | null) => void }) {
  const { t } = useTranslation();
  if (typeof value === "number") return <InputNumber {...control} style={{ width: "100%" }} value={value} onChange={onChange} />;
  if (typeof value === "boolean") return <div><Segmented<string> value={String(value)} onChange={(next) => onChange(next === "true")} options={[{ value: "true", label: t("app.yes") }, { value: "false", label: t("app.no") }]} /></div>;
  if (Array.isArray(value)) return <ManyValues value={value} onChange={onChange} ariaLabel={t("rights.right_value")} />;
  return <Input {...control} maxLength={2000} value={value ?? ""} onChange={(event) => onChange(event.target.value)} />;
}

function IdentifierFields({ person, form }: { person: number; form: State }) {
  const { t } = useTranslation();
  const names = useNames();
  const path = `/people/${person}/identity`;
  const identity = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<PersonIdentity>(path, { signal }) });
  const held = (identity.data?.identifiers ?? []).filter((id) => !id.former);
  const { values } = form;
  return (
    <>
      <Field label={t("rights.wrong_identifier")} help={t("rights.wrong_identifier_help")}>
        {(control) => <Pick {...control} style={{ width: "100%" }} value={values.wrong ?? -1} onChange={(node) => form.set("wrong", node === -1 ? null : node)} options={[{ value: -1, label: t("rights.none_wrong") }, ...held.map((id) => ({ value: id.node, label: `${names.namespace(id.namespace)} ${id.value}` }))]} />}
      </Field>
      <Field label={t("rights.right_identifier")} optional={values.wrong !== null} error={form.errors.identifier}>
        {(control) => (
          <div className="row rights-find">
            <Pick aria-label={t("rights.contact_kind")} value={values.namespace} onChange={(namespace) => form.set("namespace", namespace)} options={RIGHT_KINDS.map((value) => ({ value: value as string, label: names.namespace(value) }))} />
            <Input {...control} className="grow" maxLength={200} value={values.identifier} onChange={(event) => form.set("identifier", event.target.value)} />
          </div>
        )}
      </Field>
    </>
  );
}
