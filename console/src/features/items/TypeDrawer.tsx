/** Declaring a type of items, or changing what was declared. */
import { useTranslation } from "react-i18next";
import { put } from "../../api/client";
import { useWrite } from "../../api/query";
import type { ItemType } from "../../api/types";
import { useDictionary } from "../../condition";
import { failed, Field, Form, useForm, useRules } from "../../form";
import { Drawer, Input, useToast } from "../../ui";

interface TypeDrawerProps {
  /** Absent for a new one. */
  type: ItemType | null;
  onClose: () => void;
}

export function TypeDrawer({ type, onClose }: TypeDrawerProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const rules = useRules();
  const dictionary = useDictionary();
  const save = useWrite(({ name, ...values }: { name: string; display: string; description: string; property: string }) => put(`/items/types/${encodeURIComponent(name)}`, { ...values, property: values.property.trim() || undefined }), ["/items"]);
  const form = useForm({
    initial: { name: type?.name ?? "", display: type ? dictionary.itemType(type.name) : "", description: type?.description ?? "", property: type?.property ?? "" },
    validate: ({ name, display }) => failed({ name: rules.required(name), display: rules.required(display) }),
    submit: (values) => save.mutateAsync(values),
  });
  const usual = form.values.name === "" ? "brand_id" : `${form.values.name}_id`;
  return (
    <Drawer open onClose={onClose} title={t(type ? "items.edit_type" : "items.new_type")} size={420}>
      <Form form={form} submitLabel={t("app.save")} onDone={() => { toast.done(t("app.saved")); onClose(); }}>
        <Field label={t("items.type_name")} help={t("items.type_name_help")} error={form.errors.name}>
          {(control) => <Input {...control} disabled={type !== null} value={form.values.name} onChange={(event) => form.set("name", event.target.value)} />}
        </Field>
        <Field label={t("items.type_display")} error={form.errors.display}>
          {(control) => <Input {...control} value={form.values.display} onChange={(event) => form.set("display", event.target.value)} />}
        </Field>
        <Field label={t("items.type_property")} help={t("items.type_property_help", { usual })} error={form.errors.property} optional>
          {(control) => <Input {...control} value={form.values.property} onChange={(event) => form.set("property", event.target.value)} />}
        </Field>
        <Field label={t("items.type_description")} error={form.errors.description} optional>
          {(control) => <Input.TextArea {...control} rows={3} value={form.values.description} onChange={(event) => form.set("description", event.target.value)} />}
        </Field>
      </Form>
    </Drawer>
  );
}
