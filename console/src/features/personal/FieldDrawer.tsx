/** Declares what a field is. */
import { useTranslation } from "react-i18next";
import { put, remove } from "../../api/client";
import { useWrite } from "../../api/query";
import type { PersonalClass, PersonalField } from "../../api/types";
import { Field, Form, useForm } from "../../form";
import { Button, Checkbox, Drawer, Pick, useToast } from "../../ui";
import { CLASSES, fieldPath, usePersonalNames } from "./personal";

const NOT_PERSONAL = "none";

interface Values {
  class: PersonalClass | typeof NOT_PERSONAL;
  sensitive: boolean;
}

export function FieldDrawer({ field, onClose }: { field: PersonalField; onClose: () => void }) {
  const { t } = useTranslation();
  const toast = useToast();
  const names = usePersonalNames();
  const path = fieldPath(field.kind, field.name);
  // Everything that is shown of people may read otherwise now.
  const touched = ["/personal", "/people", "/events", "/segments"];
  const save = useWrite((values: Values) => put(path, { class: values.class === NOT_PERSONAL ? null : values.class, sensitive: values.class !== NOT_PERSONAL && values.sensitive }), touched);
  const back = useWrite(() => remove(path), touched);
  const form = useForm<Values>({ initial: { class: field.class ?? NOT_PERSONAL, sensitive: field.sensitive }, submit: (values) => save.mutateAsync(values) });
  const done = () => {
    toast.done(t("app.saved"));
    onClose();
  };
  const options = [...CLASSES, NOT_PERSONAL].map((value) => ({ value, label: value === NOT_PERSONAL ? t("personal.not_personal") : t(`personal.classes.${value as PersonalClass}`) }));
  return (
    <Drawer title={`${names.field(field.kind, field.name)} · ${t(`personal.kinds.${field.kind}`)}`} open onClose={onClose} size={420}>
      <p className="help" style={{ marginBottom: 16 }}>{t("personal.declare_help")}</p>
      <Form
        form={form}
        submitLabel={t("app.save")}
        onDone={done}
        extra={field.declared && <Button loading={back.isPending} onClick={() => back.mutate(undefined, { onSuccess: done, onError: toast.failed })}>{t("personal.undeclare")}</Button>}
      >
        <Field label={t("personal.class")}>
          {(control) => <Pick {...control} style={{ width: "100%" }} value={form.values.class} onChange={(value) => form.set("class", value as Values["class"])} options={options} />}
        </Field>
        {form.values.class !== NOT_PERSONAL && (
          <div className="field">
            <Checkbox checked={form.values.sensitive} onChange={(event) => form.set("sensitive", event.target.checked)}>{t("personal.sensitive_field")}</Checkbox>
            <p className="help">{t("personal.sensitive_help")}</p>
          </div>
        )}
      </Form>
    </Drawer>
  );
}
