/** A new tag or a changed one: what it is called, how it is computed, and what would come out. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get, patch, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Tag } from "../../api/types";
import { useDirtyGuard, useGo, useIdParam } from "../../app/router";
import { failed, Field, Form, useForm, useRules } from "../../form";
import { paths } from "../../paths";
import { Input, Loaded, Page, Panel, Segmented, useToast } from "../../ui";
import { DefinitionEditor } from "./DefinitionEditor";
import { isDefinitionComplete, newDefinition, type MadeKind } from "./definition";
import { TagPreviewPanel } from "./TagPreviewPanel";

const KINDS: MadeKind[] = ["rule", "attribute", "rfm"];

export default function TagEditPage() {
  const { t } = useTranslation();
  const go = useGo();
  const id = useIdParam();
  const isNew = Number.isNaN(id);
  const query = useQuery({ queryKey: ["/tags", id], queryFn: ({ signal }) => get<Tag>(`/tags/${id}`, { signal }), enabled: !isNew });
  return (
    <Page title={isNew ? t("palette.new_tag") : t("tags.edit")} back={{ label: t("nav.tags"), onClick: () => go(isNew ? paths.tags : paths.tag(id)) }}>
      {isNew ? <Editor /> : <Loaded query={query}>{(tag) => <Editor tag={tag} />}</Loaded>}
    </Page>
  );
}

function Editor({ tag }: { tag?: Tag }) {
  const { t } = useTranslation();
  const go = useGo();
  const toast = useToast();
  const rules = useRules();
  const save = useWrite((body: object) => (tag ? patch<Tag>(`/tags/${tag.id}`, body) : post<Tag>("/tags", body)), ["/tags", "/jobs"]);
  const form = useForm({
    initial: {
      display: tag?.display ?? "",
      description: tag?.description ?? "",
      directory: tag?.directory ?? "",
      definition: tag?.definition ?? newDefinition("rule"),
    },
    validate: ({ display, definition }) => failed({ display: rules.required(display), definition: isDefinitionComplete(definition) ? undefined : t("tags.definition_incomplete") }),
    submit: async (values) => {
      const saved = await save.mutateAsync({ ...values, name: tag?.name ?? values.display });
      toast.done(t("app.saved"));
      setTimeout(() => go(paths.tag(saved.id)));
    },
  });
  useDirtyGuard(form.dirty && !form.busy);
  const { values } = form;
  return (
    <div className="columns">
      <div className="stack">
        <Panel>
          <Form form={form} submitLabel={t("app.save")}>
            <Field label={t("app.name")} error={form.errors.display}>
              {(control) => <Input {...control} autoFocus={!tag} maxLength={60} value={values.display} placeholder={t("tags.name_example")} onChange={(event) => form.set("display", event.target.value)} />}
            </Field>
            <div className="field-row">
              <Field label={t("tags.directory")} optional help={t("tags.directory_help")}>
                {(control) => <Input {...control} value={values.directory} onChange={(event) => form.set("directory", event.target.value)} />}
              </Field>
              <Field label={t("app.description")} optional>
                {(control) => <Input {...control} value={values.description} onChange={(event) => form.set("description", event.target.value)} />}
              </Field>
            </div>
            <Field label={t("tags.how")} error={form.errors.definition} help={t(`tags.kind_${values.definition.kind}_help`)}>
              {() => (values.definition.kind === "given" ? null : (
                <Segmented
                  value={values.definition.kind}
                  onChange={(kind) => form.set("definition", newDefinition(kind))}
                  options={KINDS.map((kind) => ({ value: kind, label: t(`tags.kind_${kind}`) }))}
                />
              ))}
            </Field>
            <DefinitionEditor value={values.definition} onChange={(definition) => form.set("definition", definition)} />
          </Form>
        </Panel>
      </div>
      {values.definition.kind !== "given" && <div className="side"><TagPreviewPanel definition={values.definition} /></div>}
    </div>
  );
}
