/** A tag of what a result says of people: each gets the value of a column, or all get the tag. */
import { Tag as TagIcon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { SqlTagMade } from "../../api/types";
import { Link } from "../../app/router";
import { useSession } from "../../app/session";
import { failed, Field, Form, useForm, useRules } from "../../form";
import { paths } from "../../paths";
import { Button, Drawer, Input, Pick, useToast } from "../../ui";
import type { Run } from "./useRun";

/** Stands for no column. */
const NO_COLUMN = "";

export function MakeTag({ run }: { run: Run }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<SqlTagMade | null>(null);
  if (!may("tags.write")) return null;
  return (
    <>
      {made && <Link to={paths.tag(made.id)}>{made.name}</Link>}
      <Button icon={<TagIcon size={14} />} onClick={() => setOpen(true)}>{t("sql.tag")}</Button>
      <Drawer open={open} onClose={() => setOpen(false)} title={t("sql.tag_title")} size={440} destroyOnHidden>
        {open && (
          <TagForm
            run={run}
            onMade={(tag) => {
              setMade(tag);
              setOpen(false);
            }}
          />
        )}
      </Drawer>
    </>
  );
}

function TagForm({ run, onMade }: { run: Run; onMade: (tag: SqlTagMade) => void }) {
  const { t } = useTranslation();
  const rules = useRules();
  const toast = useToast();
  const make = useWrite((body: object) => post<SqlTagMade>("/sql/tag", { ...run.asked, ...body }), ["/tags", "/jobs"]);
  const columns = (run.answer?.columns ?? []).filter((column) => !column.person && column.name !== "person_no");
  const form = useForm({
    initial: { name: "", directory: "", value: columns.find((column) => !column.masked)?.name ?? NO_COLUMN },
    validate: ({ name }) => failed({ name: rules.required(name) }),
    submit: async ({ name, directory, value }) => {
      const tag = await make.mutateAsync({ name, directory, value: value === NO_COLUMN ? undefined : value });
      onMade(tag);
      const several = tag.several > 0 ? ` ${t("sql.tag_several", { count: tag.several })}` : "";
      toast.done(`${t("sql.tag_made", { name: tag.name, count: tag.people })}${several}`);
    },
  });
  const { values } = form;
  const options = [{ value: NO_COLUMN, label: t("sql.tag_plain") }, ...columns.map((column) => ({ value: column.name, label: column.name, disabled: column.masked }))];
  return (
    <Form form={form} submitLabel={t("sql.tag_make")}>
      <p className="help">{t("sql.tag_help")}</p>
      <Field label={t("app.name")} error={form.errors.name}>
        {(control) => <Input {...control} autoFocus maxLength={60} value={values.name} onChange={(event) => form.set("name", event.target.value)} />}
      </Field>
      <Field label={t("sql.tag_value")} help={t(values.value === NO_COLUMN ? "sql.tag_plain_help" : "sql.tag_value_help")} error={form.errors.value}>
        {(control) => <Pick {...control} style={{ width: "100%" }} value={values.value} onChange={(value) => form.set("value", value)} options={options} />}
      </Field>
      <Field label={t("tags.directory")} optional help={t("tags.directory_help")}>
        {(control) => <Input {...control} value={values.directory} onChange={(event) => form.set("directory", event.target.value)} />}
      </Field>
    </Form>
  );
}
