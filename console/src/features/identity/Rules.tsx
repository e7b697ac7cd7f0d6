/** The namespaces of a project in order of trust, changed as a draft, tried, then put in force. */
import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { IdentityRules, Namespace } from "../../api/types";
import { useNames } from "../../app/names";
import { useSession } from "../../app/session";
import { DataTable, type Column } from "../../table";
import { Button, IconButton, InputNumber, Label, Loaded, Status, TextButton } from "../../ui";
import { EnactDialog } from "./EnactDialog";
import { freshNamespace, NamespaceDrawer } from "./NamespaceDrawer";

export function Rules() {
  const query = useQuery({ queryKey: ["/identity/rules"], queryFn: ({ signal }) => get<IdentityRules>("/identity/rules", { signal }) });
  return <Loaded query={query} rows={8}>{(rules) => <RulesTable key={JSON.stringify(rules)} inForce={rules} />}</Loaded>;
}

function moved(namespaces: Namespace[], at: number, by: number): Namespace[] {
  const next = [...namespaces];
  const [one] = next.splice(at, 1);
  if (one) next.splice(at + by, 0, one);
  return next;
}

function RulesTable({ inForce }: { inForce: IdentityRules }) {
  const { t } = useTranslation();
  const names = useNames();
  const { may } = useSession();
  const [draft, setDraft] = useState(inForce);
  const [editing, setEditing] = useState<number | null>(null);
  const [enacting, setEnacting] = useState(false);
  const changed = JSON.stringify(draft) !== JSON.stringify(inForce);
  const locked = !may("project.manage");
  const set = (namespaces: Namespace[]) => setDraft({ ...draft, namespaces });
  const rows = draft.namespaces.map((namespace, at) => ({ ...namespace, at }));
  type Row = (typeof rows)[number];
  const days = (count: number) => (count === 0 ? t("identity.ever") : t("identity.in_days", { count }));
  const columns: Column<Row>[] = [
    {
      key: "name",
      title: t("identity.namespace"),
      cell: (row) => (
        <div className="cell-title">
          <strong>{locked ? names.namespace(row.name) : <TextButton onClick={() => setEditing(row.at)}>{names.namespace(row.name)}</TextButton>}</strong>
          <span><code>{row.name}{row.scoped ? ":…" : ""}</code>{row.hash_at_rest === true && ` · ${t("identity.hash_at_rest_short")}`}</span>
        </div>
      ),
    },
    { key: "class", title: t("identity.class"), cell: (row) => <Label>{t(`identity.classes.${row.class}`)}</Label> },
    { key: "per_person", title: t("identity.per_person"), cell: (row) => <span className="num">{row.per_person}{row.per_person_days ? ` / ${days(row.per_person_days)}` : ""}{row.replaces ? ` · ${t("identity.replaces_short")}` : ""}</span> },
    { key: "people_max", title: t("identity.people_max"), wideOnly: true, cell: (row) => (row.people_max ? <span className="num">{row.people_max} / {days(row.people_days ?? 0)}</span> : <span className="muted">{t("identity.unlimited")}</span>) },
    { key: "enabled", title: t("plan.status"), wideOnly: true, cell: (row) => <Status tone={row.enabled === false ? "neutral" : "success"}>{t(row.enabled === false ? "identity.off" : "identity.on")}</Status> },
  ];
  if (!locked) {
    columns.push({
      key: "order",
      title: "",
      align: "end",
      cell: (row) => (
        <span className="row row-tight row-end">
          <IconButton label={t("identity.more_trusted")} icon={<ArrowUp size={14} />} disabled={row.at === 0} onClick={() => set(moved(draft.namespaces, row.at, -1))} />
          <IconButton label={t("identity.less_trusted")} icon={<ArrowDown size={14} />} disabled={row.at === rows.length - 1} onClick={() => set(moved(draft.namespaces, row.at, 1))} />
        </span>
      ),
    });
  }
  return (
    <div className="stack">
      <p className="help">{t("identity.rules_help")}</p>
      {changed && (
        <div className="note tone-warning" role="status">
          <div className="spread grow">
            {t("identity.changed")}
            <span className="row row-tight">
              <Button size="small" onClick={() => setDraft(inForce)}>{t("identity.discard")}</Button>
              <Button size="small" type="primary" onClick={() => setEnacting(true)}>{t("identity.try_rules")}</Button>
            </span>
          </div>
        </div>
      )}
      <DataTable label={t("identity.rules")} rows={rows} columns={columns} rowKey={(row) => row.name} />
      <div className="spread">
        <label className="row">
          {t("identity.identifiers_max")}
          <InputNumber min={2} max={5000} precision={0} disabled={locked} value={draft.identifiers_max} onChange={(value) => value && setDraft({ ...draft, identifiers_max: value })} />
        </label>
        {!locked && <Button icon={<Plus size={14} />} onClick={() => { set([...draft.namespaces, freshNamespace(draft.namespaces)]); setEditing(draft.namespaces.length); }}>{t("identity.add_namespace")}</Button>}
      </div>
      {editing !== null && draft.namespaces[editing] && (
        <NamespaceDrawer
          namespace={draft.namespaces[editing]}
          others={draft.namespaces.filter((_, at) => at !== editing)}
          known={inForce.namespaces.some((namespace) => namespace.name === draft.namespaces[editing]?.name)}
          hashed={inForce.namespaces.some((namespace) => namespace.name === draft.namespaces[editing]?.name && namespace.hash_at_rest === true)}
          onChange={(next) => set(draft.namespaces.map((namespace, at) => (at === editing ? next : namespace)))}
          onRemove={() => { set(draft.namespaces.filter((_, at) => at !== editing)); setEditing(null); }}
          onClose={() => setEditing(null)}
        />
      )}
      {enacting && <EnactDialog rules={draft} inForce={inForce} onClose={() => setEnacting(false)} />}
    </div>
  );
}
