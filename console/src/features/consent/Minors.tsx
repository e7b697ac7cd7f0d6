/** Which attribute tells who is under fourteen. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useAttributes } from "../../api/catalog";
import { get, put } from "../../api/client";
import { useWrite } from "../../api/query";
import type { ConsentSettings } from "../../api/types";
import { useNames } from "../../app/names";
import { useSession } from "../../app/session";
import { Field, Form, useForm } from "../../form";
import { Checkbox, Loaded, Panel, Pick, Segmented, useToast } from "../../ui";

export function Minors() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["/consent/settings"], queryFn: ({ signal }) => get<ConsentSettings>("/consent/settings", { signal }) });
  return (
    <Panel title={t("consent.minors")} help={t("consent.minors_help")}>
      <Loaded query={query} rows={2}>{(settings) => <MinorsForm settings={settings} />}</Loaded>
    </Panel>
  );
}

function MinorsForm({ settings }: { settings: ConsentSettings }) {
  const { t } = useTranslation();
  const names = useNames();
  const toast = useToast();
  const { may } = useSession();
  const locked = !may("protection.manage");
  const attributes = useAttributes().data ?? [];
  const save = useWrite((body: ConsentSettings) => put<ConsentSettings>("/consent/settings", body), ["/consent/settings", "/people"]);
  const form = useForm<ConsentSettings>({ initial: { minors: settings.minors ?? null }, submit: (values) => save.mutateAsync(values) });
  const { minors } = form.values;
  return (
    <Form form={form} submitLabel={t("app.save")} disabled={locked} onDone={() => toast.done(t("app.saved"))}>
      <Checkbox disabled={locked} checked={Boolean(minors)} onChange={(event) => form.set("minors", event.target.checked ? { attribute: "birthday", kind: "birthday" } : null)}>{t("consent.know_minors")}</Checkbox>
      {minors && (
        <>
          <Field label={t("people.attributes")} error={form.errors.minors}>
            {(control) => (
              <Pick
                {...control}
                disabled={locked}
                style={{ width: 280, maxWidth: "100%" }}
                value={minors.attribute}
                onChange={(attribute) => form.set("minors", { ...minors, attribute })}
                options={[...new Set([minors.attribute, ...attributes.map((one) => one.name)])].map((name) => ({ value: name, label: names.property(name), keywords: name }))}
              />
            )}
          </Field>
          <Field label={t("consent.minor_kind")}>
            {() => <div><Segmented disabled={locked} value={minors.kind} onChange={(kind) => form.set("minors", { ...minors, kind })} options={(["birthday", "flag"] as const).map((kind) => ({ value: kind, label: t(`consent.minor_kinds.${kind}`) }))} /></div>}
          </Field>
        </>
      )}
    </Form>
  );
}
