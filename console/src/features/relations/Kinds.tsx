/** The kinds of relations: those every project has, and the project's own, each with its rule in words. */
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRelationKinds } from "../../api/catalog";
import type { RelationKind } from "../../api/types";
import { useSession } from "../../app/session";
import { DataTable, type Column } from "../../table";
import { Button, Label, Loaded, Num, Status } from "../../ui";
import { KindDrawer } from "./KindDrawer";
import { useRelationName } from "./names";
import { rulesOf } from "./rules";

export function Kinds() {
  const { t } = useTranslation();
  const { may } = useSession();
  const query = useRelationKinds();
  const [open, setOpen] = useState<RelationKind | "new" | null>(null);
  const editable = may("relations.manage");
  const columns: Column<RelationKind>[] = [
    { key: "kind", title: t("relations.kind"), cell: (row) => <Ends kind={row} /> },
    { key: "rule", title: t("relations.rule"), cell: (row) => <RuleText kind={row} /> },
    { key: "ties", title: t("relations.ties"), align: "end", wideOnly: true, cell: (row) => <Num value={row.ties} /> },
    { key: "state", title: t("plan.status"), wideOnly: true, cell: (row) => (row.own ? <Status tone={row.active ? "success" : "neutral"}>{t(row.active ? "relations.active" : "relations.left_out")}</Status> : <Label>{t("relations.built_in")}</Label>) },
  ];
  return (
    <Loaded query={query} rows={6}>
      {(kinds) => (
        <div className="stack">
          <div className="spread">
            <p className="help">{t("relations.kinds_help")}</p>
            {editable && <Button icon={<Plus size={14} />} onClick={() => setOpen("new")}>{t("relations.declare")}</Button>}
          </div>
          <DataTable label={t("relations.kinds")} rows={kinds} columns={columns} rowKey={(row) => row.name} onOpen={editable ? (row) => row.own && setOpen(row) : undefined} />
          {open !== null && <KindDrawer kinds={kinds} kind={open === "new" ? null : open} onClose={() => setOpen(null)} />}
        </div>
      )}
    </Loaded>
  );
}

/** What those at its ends are called, and how data call it. */
function Ends({ kind }: { kind: RelationKind }) {
  const name = useRelationName();
  const [from, to] = [name(kind.name, "from"), name(kind.name, "to")];
  return <div className="cell-title"><strong>{(kind.group_max ?? 0) > 0 ? to : `${from} → ${to}`}</strong><span><code>{kind.name}</code></span></div>;
}

/** Its rules, one sentence each. */
export function RuleText({ kind }: { kind: Pick<RelationKind, "holders" | "no_circles" | "group_max"> }) {
  const { t } = useTranslation();
  return <>{rulesOf(kind).map((rule) => <p key={rule} className="relation-rule">{t(`relations.rules.${rule}`, { count: kind.group_max ?? 0 })}</p>)}</>;
}
