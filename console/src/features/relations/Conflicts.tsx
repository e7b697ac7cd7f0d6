/** What was said of people and not taken, since it is against the rules of its kind. */
import { CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { RelationConflict, RelationSide } from "../../api/types";
import { personTitle } from "../../app/names";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Ago, Empty, Label, Num } from "../../ui";
import { useRelationName } from "./names";

/** Both, and what they would have been to each other. */
function Said({ conflict }: { conflict: RelationConflict }) {
  const name = useRelationName();
  const who = (end: RelationSide) => <span className="relation-side"><Link to={paths.person(conflict[end].person)}>{personTitle(conflict[end])}</Link><span className="small muted">{name(conflict.kind, end)}</span></span>;
  return <div className="relation-said">{who("from")}<span aria-hidden>→</span>{who("to")}</div>;
}

export function Conflicts() {
  const { t } = useTranslation();
  const list = useList<RelationConflict>("/relations/conflicts");
  const columns: Column<RelationConflict>[] = [
    { key: "why", title: t("relations.why"), cell: (row) => <div className="cell-title"><strong>{t(`relations.obstacles.${row.obstacle}`)}</strong><span>{t(`relations.obstacles_help.${row.obstacle}`)}</span></div> },
    { key: "said", title: t("relations.said"), cell: (row) => <Said conflict={row} /> },
    { key: "source", title: t("relations.source"), wideOnly: true, cell: (row) => <Label>{row.source === "siyu" ? t("relations.by_hand") : row.source}</Label> },
    { key: "count", title: t("identity.times"), align: "end", wideOnly: true, cell: (row) => <Num value={row.count} /> },
    { key: "last", title: t("identity.last"), wideOnly: true, cell: (row) => <Ago at={row.last} /> },
  ];
  return (
    <div className="stack">
      <p className="help">{t("relations.conflicts_help")}</p>
      <ListTable
        label={t("relations.conflicts")}
        list={list}
        columns={columns}
        rowKey={(row) => `${row.kind} ${row.obstacle} ${row.from.person} ${row.to.person} ${row.source}`}
        empty={<Empty icon={<CircleCheck size={28} strokeWidth={1.5} />} title={t("relations.no_conflicts")}>{t("relations.no_conflicts_text")}</Empty>}
      />
    </div>
  );
}

/** Those about one person, in lines. */
export function Refused({ conflicts, person }: { conflicts: RelationConflict[]; person: number }) {
  const { t } = useTranslation();
  const name = useRelationName();
  return (
    <ul className="relation-past">
      {conflicts.map((conflict, at) => {
        const end: RelationSide = conflict.from.person === person ? "to" : "from";
        const other = conflict[end];
        return (
          // A list that is shown whole and asked anew.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={at}>
            <span className="muted small">{name(conflict.kind, end)}</span>
            <Link to={paths.person(other.person)}>{personTitle(other)}</Link>
            <Label tone="warning" title={t(`relations.obstacles_help.${conflict.obstacle}`)}>{t(`relations.obstacles.${conflict.obstacle}`)}</Label>
          </li>
        );
      })}
    </ul>
  );
}
