/** Links that were proposed and refused: a queue of doubts for somebody who knows better. */
import { CircleCheck, GitMerge } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { IdentityConflict } from "../../api/types";
import { Link } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Ago, Button, Empty, Num } from "../../ui";
import { MergeDialog } from "./MergeDialog";
import { Named } from "./Named";

function Who({ person }: { person: number | null | undefined }) {
  return typeof person === "number" ? <Link to={paths.person(person)}>#{person}</Link> : <span className="muted">–</span>;
}

/** Two people may be one only where both are known, and are two. */
function mergeable(conflict: IdentityConflict): [number, number] | null {
  const { person, other } = conflict;
  return typeof person === "number" && typeof other === "number" && person !== other ? [person, other] : null;
}

export function Conflicts() {
  const { t } = useTranslation();
  const { may } = useSession();
  const list = useList<IdentityConflict>("/identity/conflicts");
  const [merging, setMerging] = useState<[number, number] | null>(null);
  const columns: Column<IdentityConflict>[] = [
    { key: "kind", title: t("identity.why"), cell: (row) => <div className="cell-title"><strong>{t(`identity.kinds.${row.kind}`)}</strong><span>{t(`identity.kinds_help.${row.kind}`)}</span></div> },
    { key: "kept", title: t("identity.kept"), cell: (row) => <span className="row row-tight"><Named id={row.kept} /> <Who person={row.person} /></span> },
    { key: "refused", title: t("identity.refused"), cell: (row) => <span className="row row-tight"><Named id={row.refused} /> <Who person={row.other} /></span> },
    { key: "count", title: t("identity.times"), align: "end", wideOnly: true, cell: (row) => <Num value={row.count} /> },
    { key: "last", title: t("identity.last"), wideOnly: true, cell: (row) => <Ago at={row.last} /> },
  ];
  if (may("identity.manage")) {
    columns.push({ key: "merge", title: "", align: "end", cell: (row) => mergeable(row) && <Button size="small" icon={<GitMerge size={14} />} onClick={() => setMerging(mergeable(row))}>{t("identity.merge")}</Button> });
  }
  return (
    <>
      <ListTable label={t("identity.conflicts")} list={list} columns={columns} rowKey={(row) => `${row.kind}${row.kept.namespace}${row.kept.value}${row.refused.namespace}${row.refused.value}`} empty={<Empty icon={<CircleCheck size={28} strokeWidth={1.5} />} title={t("identity.no_conflicts")}>{t("identity.no_conflicts_text")}</Empty>} />
      {merging && <MergeDialog person={merging[0]} other={merging[1]} onClose={() => setMerging(null)} />}
    </>
  );
}

/** One doubt about one person, in a line. */
export function ConflictRow({ conflict, person }: { conflict: IdentityConflict; person: number }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const [open, setOpen] = useState(false);
  const pair = mergeable(conflict);
  const other = pair?.find((one) => one !== person);
  return (
    <div className="identity-doubt">
      <div className="row row-tight"><Named id={conflict.kept} /> <Named id={conflict.refused} /></div>
      <div className="spread">
        <span className="help">{t(`identity.kinds.${conflict.kind}`)}</span>
        {typeof other === "number" && (
          <span className="row row-tight">
            <Link to={paths.person(other)}>#{other}</Link>
            {may("identity.manage") && <Button size="small" onClick={() => setOpen(true)}>{t("identity.merge")}</Button>}
          </span>
        )}
      </div>
      {open && typeof other === "number" && <MergeDialog person={person} other={other} onClose={() => setOpen(false)} />}
    </div>
  );
}
