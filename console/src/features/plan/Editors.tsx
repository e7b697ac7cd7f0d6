/** What is declared of a subject or a property, to change. */
import { useTranslation } from "react-i18next";
import { put } from "../../api/client";
import { useWrite } from "../../api/query";
import type { PlanProperty, PlanPropertyItem, PlanStatus, PlanSubject, PlanSubjectDetail, PlanType } from "../../api/types";
import { Field, Form, useForm } from "../../form";
import { Checkbox, Drawer, Input, Pick, useToast } from "../../ui";
import { STATUSES, TYPES } from "./plan";

const ANY = "any";

interface SubjectDrawerProps {
  subject: PlanSubjectDetail;
  onClose: () => void;
}

export function SubjectDrawer({ subject, onClose }: SubjectDrawerProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const save = useWrite((body: PlanSubject) => put<void>("/plan/subjects", body), ["/plan"]);
  const { kind, name, status, display_zh, display_en, description, owner, category } = subject;
  const form = useForm({ initial: { status, display_zh, display_en, description, owner, category }, submit: (values) => save.mutateAsync({ kind, name, ...values, properties: [] }) });
  return (
    <Drawer open onClose={onClose} title={t("plan.edit_subject")} size={420}>
      <Form form={form} submitLabel={t("plan.save")} onDone={() => { toast.done(t("plan.saved")); onClose(); }}>
        <Field label={t("plan.status")} error={form.errors.status}>{(control) => <StatusPick {...control} value={form.values.status} onChange={(next) => form.set("status", next)} />}</Field>
        <Field label={t("plan.display_zh")} optional error={form.errors.display_zh}>{(control) => <Input {...control} value={form.values.display_zh} onChange={(event) => form.set("display_zh", event.target.value)} />}</Field>
        <Field label={t("plan.display_en")} optional error={form.errors.display_en}>{(control) => <Input {...control} value={form.values.display_en} onChange={(event) => form.set("display_en", event.target.value)} />}</Field>
        <Field label={t("plan.description")} optional error={form.errors.description}>{(control) => <Input.TextArea {...control} rows={3} value={form.values.description} onChange={(event) => form.set("description", event.target.value)} />}</Field>
        <Field label={t("plan.owner")} optional error={form.errors.owner}>{(control) => <Input {...control} value={form.values.owner} onChange={(event) => form.set("owner", event.target.value)} />}</Field>
        <Field label={t("plan.category")} optional error={form.errors.category}>{(control) => <Input {...control} value={form.values.category} onChange={(event) => form.set("category", event.target.value)} />}</Field>
      </Form>
    </Drawer>
  );
}

interface PropertyDrawerProps {
  subject: PlanSubjectDetail;
  property: PlanPropertyItem;
  onClose: () => void;
}

export function PropertyDrawer({ subject, property, onClose }: PropertyDrawerProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const save = useWrite((body: PlanProperty) => put<void>("/plan/properties", { kind: subject.kind, subject: subject.name, property: body }), ["/plan"]);
  const { name, status, display_zh, display_en, description, unit, required } = property;
  const form = useForm({
    initial: { status, display_zh, display_en, description, unit, required, value_type: (property.inferred ? ANY : (property.value_type ?? ANY)) as PlanType | typeof ANY },
    submit: ({ value_type, ...values }) => save.mutateAsync({ name, ...values, value_type: value_type === ANY ? null : value_type }),
  });
  return (
    <Drawer open onClose={onClose} title={t("plan.edit_property", { name })} size={420}>
      <Form form={form} submitLabel={t("plan.save")} onDone={() => { toast.done(t("plan.saved")); onClose(); }}>
        <Field label={t("plan.status")} error={form.errors.status}>{(control) => <StatusPick {...control} value={form.values.status} onChange={(next) => form.set("status", next)} />}</Field>
        <Field label={t("plan.type")} error={form.errors.value_type}>
          {({ id }) => <Pick id={id} style={{ width: "100%" }} value={form.values.value_type} onChange={(next) => form.set("value_type", next)} options={[{ value: ANY, label: t("plan.any_type") }, ...TYPES.map((value) => ({ value, label: t(`plan.types.${value}`) }))]} />}
        </Field>
        {subject.kind === "event" && <Checkbox checked={form.values.required} onChange={(event) => form.set("required", event.target.checked)}>{t("plan.required")}</Checkbox>}
        <Field label={t("plan.display_zh")} optional error={form.errors.display_zh}>{(control) => <Input {...control} value={form.values.display_zh} onChange={(event) => form.set("display_zh", event.target.value)} />}</Field>
        <Field label={t("plan.display_en")} optional error={form.errors.display_en}>{(control) => <Input {...control} value={form.values.display_en} onChange={(event) => form.set("display_en", event.target.value)} />}</Field>
        <Field label={t("plan.unit")} optional error={form.errors.unit}>{(control) => <Input {...control} value={form.values.unit} onChange={(event) => form.set("unit", event.target.value)} />}</Field>
        <Field label={t("plan.description")} optional error={form.errors.description}>{(control) => <Input.TextArea {...control} rows={3} value={form.values.description} onChange={(event) => form.set("description", event.target.value)} />}</Field>
      </Form>
    </Drawer>
  );
}

function StatusPick({ id, value, onChange }: { id: string; value: PlanStatus; onChange: (status: PlanStatus) => void }) {
  const { t } = useTranslation();
  return <Pick id={id} style={{ width: "100%" }} value={value} onChange={onChange} options={STATUSES.map((status) => ({ value: status, label: t(`plan.statuses.${status}`) }))} />;
}
