/** The segment builder: sentences on the left, the count on the right. */
import { useQuery } from "@tanstack/react-query";
import { Redo2, Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { get, patch, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Segment } from "../../api/types";
import { useDirtyGuard, useGo, useIdParam, usePageSearch } from "../../app/router";
import { ConditionBuilder, EVERYBODY, isComplete } from "../../condition";
import { failed, Field, Form, useForm, useRules } from "../../form";
import { paths } from "../../paths";
import { IconButton, Input, Loaded, Page, Panel, useToast } from "../../ui";
import { CountPanel } from "./CountPanel";
import { useUndo } from "./useUndo";

export default function SegmentEditPage() {
  const { t } = useTranslation();
  const go = useGo();
  const id = useIdParam();
  const isNew = Number.isNaN(id);
  const query = useQuery({ queryKey: ["/segments", id], queryFn: ({ signal }) => get<Segment>(`/segments/${id}`, { signal }), enabled: !isNew });
  return (
    <Page title={isNew ? t("palette.new_segment") : t("segments.edit")} back={{ label: t("nav.segments"), onClick: () => go(isNew ? paths.segments : paths.segment(id)) }}>
      {isNew ? <Editor /> : <Loaded query={query}>{(segment) => <Editor segment={segment} />}</Loaded>}
    </Page>
  );
}

function Editor({ segment }: { segment?: Segment }) {
  const { t } = useTranslation();
  const go = useGo();
  const toast = useToast();
  const rules = useRules();
  const [search] = usePageSearch();
  const condition = useUndo(segment?.condition ?? search.condition ?? EVERYBODY);
  const save = useWrite(
    (body: { name: string; description: string }) => {
      const whole = { ...body, condition: condition.value };
      return segment ? patch<Segment>(`/segments/${segment.id}`, whole) : post<Segment>("/segments", { ...whole, kind: "dynamic" });
    },
    ["/segments", "/overview"],
  );
  const form = useForm({
    initial: { name: segment?.name ?? "", description: segment?.description ?? "" },
    validate: ({ name }) => failed({ name: rules.required(name) }),
    submit: async (values) => {
      const saved = await save.mutateAsync(values);
      toast.done(t("app.saved"));
      setTimeout(() => go(paths.segment(saved.id)));
    },
  });
  useDirtyGuard((form.dirty || condition.dirty) && !form.busy && !save.isSuccess);
  return (
    <div className="columns">
      <div className="stack">
        <Panel
          title={t("segments.who")}
          extra={
            <>
              <IconButton label={t("app.undo")} icon={<Undo2 size={15} />} disabled={!condition.canUndo} onClick={condition.undo} />
              <IconButton label={t("segments.redo")} icon={<Redo2 size={15} />} disabled={!condition.canRedo} onClick={condition.redo} />
            </>
          }
        >
          <ConditionBuilder value={condition.value} onChange={condition.set} />
        </Panel>
      </div>
      <div className="side stack">
        <CountPanel condition={condition.value} />
        <Panel>
          <Form form={form} submitLabel={t("segments.save")} disabled={!isComplete(condition.value)}>
            <Field label={t("app.name")} error={form.errors.name}>
              {(control) => <Input {...control} maxLength={80} value={form.values.name} placeholder={t("segments.name_example")} onChange={(event) => form.set("name", event.target.value)} />}
            </Field>
            <Field label={t("app.description")} optional>
              {(control) => <Input.TextArea {...control} autoSize={{ minRows: 2 }} value={form.values.description} onChange={(event) => form.set("description", event.target.value)} />}
            </Field>
          </Form>
        </Panel>
      </div>
    </div>
  );
}
