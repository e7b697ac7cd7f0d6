/** How much of each class each role sees, and the limits of looking. */
import { useTranslation } from "react-i18next";
import { put } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Exposure, PersonalClass, PersonalSettings, Role } from "../../api/types";
import { useSession } from "../../app/session";
import { Field, Form, useForm } from "../../form";
import { DataTable, type Column } from "../../table";
import { InputNumber, Loaded, Panel, Pick, useToast } from "../../ui";
import { CLASSES, EXAMPLES, LEVELS, ROLES, usePersonalSettings } from "./personal";
import "./personal.css";

export function Exposures() {
  const query = usePersonalSettings();
  return <Loaded query={query} rows={8}>{(settings) => <Settings settings={settings} />}</Loaded>;
}

function Settings({ settings }: { settings: PersonalSettings }) {
  const { t } = useTranslation();
  const toast = useToast();
  const { may } = useSession();
  const locked = !may("personal.manage");
  const save = useWrite((values: PersonalSettings) => put<PersonalSettings>("/personal", values), ["/personal", "/people", "/events", "/segments"]);
  const form = useForm<PersonalSettings>({ initial: settings, submit: (values) => save.mutateAsync(values) });
  const { exposures } = form.values;
  const level = (role: Role, of: PersonalClass): Exposure => exposures.find((one) => one.role === role && one.class === of)?.exposure ?? "masked";
  const choose = (role: Role, of: PersonalClass, exposure: Exposure) => form.set("exposures", exposures.map((one) => (one.role === role && one.class === of ? { ...one, exposure } : one)));
  const columns: Column<PersonalClass>[] = [
    { key: "class", title: t("personal.class"), width: 120, cell: (row) => <strong className="one-line">{t(`personal.classes.${row}`)}</strong> },
    { key: "example", title: t("personal.example"), wideOnly: true, cell: (row) => <code>{EXAMPLES[row]}</code> },
    ...ROLES.map((role): Column<PersonalClass> => ({
      key: role,
      title: t(`names.roles.${role}`),
      cell: (row) => (
        <Pick<Exposure>
          size="small"
          style={{ width: 112 }}
          disabled={locked}
          aria-label={`${t(`names.roles.${role}`)} · ${t(`personal.classes.${row}`)}`}
          value={level(role, row)}
          onChange={(exposure) => choose(role, row, exposure)}
          options={LEVELS.filter((one) => one !== "hidden" || role !== "owner").map((one) => ({ value: one, label: t(`personal.levels.${one}`) }))}
        />
      ),
    })),
  ];
  return (
    <div className="stack">
      <Panel flush title={t("personal.exposures")} help={t("personal.exposures_help")}>
        <DataTable label={t("personal.exposures")} columns={columns} rows={[...CLASSES]} rowKey={(row) => row} />
      </Panel>
      <Panel title={t("personal.limits")}>
        <Form form={form} submitLabel={t("personal.save_all")} disabled={locked} onDone={() => toast.done(t("app.saved"))}>
          <Field label={t("personal.reveals_per_hour")} help={t("personal.reveals_help")} error={form.errors.reveals_per_hour}>
            {(control) => <InputNumber {...control} disabled={locked} min={0} max={1000} precision={0} value={form.values.reveals_per_hour} onChange={(value) => form.set("reveals_per_hour", value ?? 0)} />}
          </Field>
          <Field label={t("personal.looks_days")} help={t("personal.looks_days_help")} error={form.errors.looks_days}>
            {(control) => <InputNumber {...control} disabled={locked} min={30} max={3650} precision={0} value={form.values.looks_days} onChange={(value) => form.set("looks_days", value ?? 180)} />}
          </Field>
        </Form>
      </Panel>
    </div>
  );
}
