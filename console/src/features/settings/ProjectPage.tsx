/** Name, zone, currency and memory of the project. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get, patch } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Project } from "../../api/types";
import { useSession } from "../../app/session";
import { failed, Field, Form, useForm, useRules } from "../../form";
import { Input, InputNumber, Loaded, Page, Panel, Pick, useToast } from "../../ui";

const CURRENCIES = ["CNY", "HKD", "TWD", "USD", "EUR", "JPY", "SGD", "GBP"];

export default function ProjectPage() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["/project"], queryFn: ({ signal }) => get<Project>("/project", { signal }) });
  return (
    <Page title={t("nav.project")} description={t("settings.project_help")}>
      <Loaded query={query}>{(project) => <ProjectForm project={project} />}</Loaded>
    </Page>
  );
}

function ProjectForm({ project }: { project: Project }) {
  const { t } = useTranslation();
  const toast = useToast();
  const rules = useRules();
  const { may } = useSession();
  const save = useWrite((values: { name: string; zone: string; currency: string; dedupe_hours: number; week_start: Project["week_start"] }) => patch<Project>("/project", values), ["/project", "/session"]);
  const form = useForm({
    initial: { name: project.name, zone: project.zone, currency: project.currency, dedupe_hours: project.dedupe_hours, week_start: project.week_start },
    validate: ({ name }) => failed({ name: rules.required(name) }),
    submit: (values) => save.mutateAsync(values),
  });
  const zones = Intl.supportedValuesOf("timeZone");
  const locked = !may("project.manage");
  return (
    <Panel>
      <Form form={form} submitLabel={t("app.save")} disabled={locked} onDone={() => toast.done(t("app.saved"))}>
        <Field label={t("app.name")} error={form.errors.name}>{(control) => <Input {...control} disabled={locked} value={form.values.name} onChange={(event) => form.set("name", event.target.value)} />}</Field>
        <Field label={t("settings.zone")} help={t("settings.zone_help")} error={form.errors.zone}>
          {(control) => <Pick {...control} disabled={locked} value={form.values.zone} onChange={(zone) => form.set("zone", zone)} options={[...new Set([form.values.zone, ...zones])].map((zone) => ({ value: zone, label: zone }))} />}
        </Field>
        <Field label={t("settings.currency")} help={t("settings.currency_help")} error={form.errors.currency}>
          {(control) => <Pick {...control} disabled={locked} value={form.values.currency} onChange={(currency) => form.set("currency", currency)} options={[...new Set([form.values.currency, ...CURRENCIES])].map((currency) => ({ value: currency, label: currency }))} />}
        </Field>
        <Field label={t("settings.week_start")} help={t("settings.week_start_help")} error={form.errors.week_start}>
          {(control) => <Pick {...control} disabled={locked} value={form.values.week_start} onChange={(week_start) => form.set("week_start", week_start)} options={(["monday", "sunday"] as const).map((day) => ({ value: day, label: t(`settings.week_start_${day}`) }))} />}
        </Field>
        <Field label={t("settings.dedupe_hours")} help={t("settings.dedupe_help")} error={form.errors.dedupe_hours}>
          {(control) => <InputNumber {...control} disabled={locked} min={1} max={720} precision={0} value={form.values.dedupe_hours} onChange={(hours) => form.set("dedupe_hours", hours ?? 48)} />}
        </Field>
      </Form>
    </Panel>
  );
}
