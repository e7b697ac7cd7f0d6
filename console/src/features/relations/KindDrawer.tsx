/** Declares one of the project's own kinds, changes it, or leaves it out. */
import { useTranslation } from "react-i18next";
import { put } from "../../api/client";
import { useWrite } from "../../api/query";
import type { DeclaredKind, Page, RelationKind } from "../../api/types";
import { failed, Field, Form, useForm, useRules } from "../../form";
import { Button, Checkbox, Drawer, Input, InputNumber, Radio, Segmented, useNameDialog, useToast } from "../../ui";
import { RuleText } from "./Kinds";
import { declaredWith, GROUP_MAX, GROUP_MIN, HOLDERS } from "./rules";

const GROUP_AT_FIRST = 20;

interface Values extends DeclaredKind {
  reason: string;
}

interface KindDrawerProps {
  kinds: RelationKind[];
  /** Null: a new one. */
  kind: RelationKind | null;
  onClose: () => void;
}

export function KindDrawer({ kinds, kind, onClose }: KindDrawerProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const ask = useNameDialog();
  const rules = useRules();
  const save = useWrite(({ name, next, reason }: { name: string; next: DeclaredKind | null; reason: string }) => put<Page<RelationKind>>("/relations/kinds", { kinds: declaredWith(kinds, name, next), reason }), ["/relations", "/people"]);
  const form = useForm<Values>({
    initial: { name: kind?.name ?? "", from_title: kind?.from_title ?? "", to_title: kind?.to_title ?? "", holders: kind?.holders ?? "many", no_circles: kind?.no_circles ?? false, group_max: kind?.group_max ?? 0, reason: "" },
    validate: (values) => failed({
      name: kind === null && kinds.some((known) => known.name === values.name) ? t("relations.name_taken") : rules.required(values.name),
      from_title: values.group_max ? undefined : rules.required(values.from_title),
      to_title: rules.required(values.to_title),
      reason: rules.required(values.reason),
    }),
    submit: ({ reason, ...next }) => save.mutateAsync({ name: next.name, next, reason: reason.trim() }),
  });
  const { values } = form;
  const leaveOut = () =>
    ask({
      title: t("relations.leave_out_title", { name: kind?.to_title ?? "" }),
      label: t("relations.reason"),
      action: t("relations.leave_out"),
      run: async (reason) => {
        await save.mutateAsync({ name: values.name, next: null, reason });
        toast.done(t("relations.was_left_out"));
        onClose();
      },
    });
  const done = () => {
    toast.done(t("app.saved"));
    onClose();
  };
  return (
    <Drawer open title={kind === null ? t("relations.declare") : t("relations.edit_kind")} size={480} onClose={onClose}>
      <Form form={form} submitLabel={t(kind?.active === false ? "relations.take_up" : "app.save")} onDone={done} extra={kind?.active && <Button danger onClick={leaveOut}>{t("relations.leave_out")}</Button>}>
        <Shape values={values} set={form.set} errors={form.errors} />
        <Field label={t("relations.name")} help={t("relations.name_help")} error={form.errors.name}>
          {(control) => <Input {...control} maxLength={40} disabled={kind !== null} value={values.name} placeholder="family_doctor" onChange={(event) => form.set("name", event.target.value.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_"))} />}
        </Field>
        <div className="note tone-neutral"><div className="grow"><RuleText kind={values} /></div></div>
        <Field label={t("relations.reason")} help={t("relations.declare_reason_help")} error={form.errors.reason}>
          {(control) => <Input {...control} maxLength={500} value={values.reason} onChange={(event) => form.set("reason", event.target.value)} />}
        </Field>
      </Form>
    </Drawer>
  );
}

interface ShapeProps {
  values: Values;
  set: <K extends keyof Values>(name: K, value: Values[K]) => void;
  errors: Partial<Record<string, string>>;
}

/** With a direction: who stands where and how many may. Without: how large a group may be. */
function Shape({ values, set, errors }: ShapeProps) {
  const { t } = useTranslation();
  const group = (values.group_max ?? 0) > 0;
  return (
    <>
      <Field label={t("relations.shape")}>
        {() => <div><Segmented<"pair" | "group"> value={group ? "group" : "pair"} onChange={(shape) => set("group_max", shape === "group" ? GROUP_AT_FIRST : 0)} options={[{ value: "pair", label: t("relations.shape_pair") }, { value: "group", label: t("relations.shape_group") }]} /></div>}
      </Field>
      {!group && (
        <Field label={t("relations.from_title")} help={t("relations.from_title_help")} error={errors.from_title}>
          {(control) => <Input {...control} maxLength={40} value={values.from_title} placeholder={t("relations.from_title_example")} onChange={(event) => set("from_title", event.target.value)} />}
        </Field>
      )}
      <Field label={t(group ? "relations.group_title" : "relations.to_title")} error={errors.to_title}>
        {(control) => <Input {...control} maxLength={40} value={values.to_title} placeholder={t(group ? "relations.group_title_example" : "relations.to_title_example")} onChange={(event) => set("to_title", event.target.value)} />}
      </Field>
      {group ? (
        <Field label={t("relations.group_max")} error={errors.group_max}>
          {(control) => <InputNumber {...control} min={GROUP_MIN} max={GROUP_MAX} precision={0} value={values.group_max ?? 0} onChange={(value) => value && set("group_max", value)} />}
        </Field>
      ) : (
        <Field label={t("relations.holders")}>
          {() => (
            <div className="stack stack-tight">
              <Radio.Group className="related-found" value={values.holders} onChange={(event) => set("holders", HOLDERS.find((one) => one === event.target.value) ?? "many")}>
                {HOLDERS.map((one) => <Radio key={one} value={one}>{t(`relations.holders_choice.${one}`)}</Radio>)}
              </Radio.Group>
              <Checkbox disabled={values.holders === "many"} checked={values.holders !== "many" && values.no_circles === true} onChange={(event) => set("no_circles", event.target.checked)}>{t("relations.no_circles")}</Checkbox>
            </div>
          )}
        </Field>
      )}
    </>
  );
}
