/** The fields of people and events, and which of them are personal. */
import { useQuery } from "@tanstack/react-query";
import { EyeOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, put } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Page, PersonalField, PersonalSuggestion } from "../../api/types";
import { useSession } from "../../app/session";
import { DataTable, type Column } from "../../table";
import { Button, Empty, Label, Loaded, Num, Panel, Segmented, useFormats, useToast } from "../../ui";
import { FieldDrawer } from "./FieldDrawer";
import { fieldPath, usePersonalNames } from "./personal";
import "./personal.css";

export function Fields() {
  const { t } = useTranslation();
  const { may } = useSession();
  const [all, setAll] = useState(false);
  const [open, setOpen] = useState<PersonalField | null>(null);
  const query = useQuery({ queryKey: ["/personal/fields"], queryFn: ({ signal }) => get<Page<PersonalField>>("/personal/fields", { signal }) });
  const columns: Column<PersonalField>[] = [
    { key: "name", title: t("personal.field"), sort: (row) => row.name, cell: (row) => <FieldName field={row} /> },
    { key: "kind", title: t("personal.where"), sort: (row) => row.kind, cell: (row) => t(`personal.kinds.${row.kind}`) },
    {
      key: "class",
      title: t("personal.class"),
      sort: (row) => row.class ?? "",
      cell: (row) => (row.class ? <span className="row row-tight">{t(`personal.classes.${row.class}`)}{row.sensitive && <Label tone="warning" title={t("personal.sensitive_help")}>{t("personal.sensitive")}</Label>}</span> : <span className="muted">{t("personal.not_personal")}</span>),
    },
    { key: "basis", title: t("personal.basis"), wideOnly: true, cell: (row) => (row.declared ? <Label tone="brand">{t("personal.declared")}</Label> : row.class ? t("personal.guessed") : "–") },
    { key: "count", title: t("personal.count"), align: "end", wideOnly: true, sort: (row) => row.count, cell: (row) => <Num value={row.count} /> },
  ];
  return (
    <div className="stack">
      <Suggestions />
      <Loaded query={query} rows={8}>
        {({ items }) => {
          const rows = items.filter((row) => all || row.class !== null && row.class !== undefined || row.declared);
          return (
            <Panel
              flush
              title={t("personal.fields")}
              help={t("personal.fields_help")}
              extra={<Segmented<string> value={all ? "all" : "personal"} onChange={(value) => setAll(value === "all")} options={[{ value: "personal", label: t("personal.personal_fields") }, { value: "all", label: t("personal.all_fields") }]} />}
            >
              {rows.length === 0
                ? <Empty icon={<EyeOff size={28} strokeWidth={1.5} />} title={t("personal.no_fields")}>{t("personal.no_fields_text")}</Empty>
                : <DataTable label={t("personal.fields")} columns={columns} rows={rows} rowKey={(row) => `${row.kind}:${row.name}`} onOpen={may("personal.manage") ? setOpen : undefined} />}
            </Panel>
          );
        }}
      </Loaded>
      {open && <FieldDrawer field={open} onClose={() => setOpen(null)} />}
    </div>
  );
}

/** What it is called, and how it is written where that differs. */
function FieldName({ field }: { field: { kind: string; name: string } }) {
  const called = usePersonalNames().field(field.kind, field.name);
  return <><strong>{called}</strong>{called !== field.name && <> <code className="small muted">{field.name}</code></>}</>;
}

/** Fields that should be declared, by what stands in them. */
function Suggestions() {
  const { t } = useTranslation();
  const format = useFormats();
  const toast = useToast();
  const { may } = useSession();
  const query = useQuery({ queryKey: ["/personal/suggestions"], queryFn: ({ signal }) => get<Page<PersonalSuggestion>>("/personal/suggestions", { signal }) });
  const declare = useWrite((field: PersonalSuggestion) => put(fieldPath(field.kind, field.name), { class: field.class, sensitive: field.class === "id_card" || field.class === "bank_card" }), ["/personal"]);
  const dismiss = useWrite((field: PersonalSuggestion) => put(fieldPath(field.kind, field.name), { class: null }), ["/personal"]);
  const items = query.data?.items ?? [];
  if (items.length === 0) return null;
  const done = { onSuccess: () => toast.done(t("app.saved")), onError: toast.failed };
  return (
    <Panel title={t("personal.suggestions")} help={t("personal.suggestions_help")}>
      <ul className="suggestions">
        {items.map((item) => (
          <li key={`${item.kind}:${item.name}`} className="row">
            <span className="grow"><FieldName field={item} /> <span className="muted">{t(`personal.kinds.${item.kind}`)} · {t("personal.suggestion", { share: format.percent(item.share), class: t(`personal.classes.${item.class}`) })}</span></span>
            {may("personal.manage") && (
              <>
                <Button size="small" type="primary" loading={declare.isPending} onClick={() => declare.mutate(item, done)}>{t("personal.confirm")}</Button>
                <Button size="small" loading={dismiss.isPending} onClick={() => dismiss.mutate(item, done)}>{t("personal.not_personal")}</Button>
              </>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
