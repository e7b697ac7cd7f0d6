/** How a person is related: who invited them, whom they invited, who serves them, who they live with. */
import { useQuery } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Person, PersonRelations, RelatedPerson } from "../../api/types";
import { personTitle } from "../../app/names";
import { Link } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { IconButton, Label, Loaded, TextButton, useFormats } from "../../ui";
import { Section } from "../people/Section";
import { AddRelation } from "./AddRelation";
import { AllRelated } from "./AllRelated";
import { Refused } from "./Conflicts";
import { EndDialog } from "./EndDialog";
import { opposite, useRelationName } from "./names";
import { TreeDialog } from "./TreeDialog";
import "./relations.css";

type Group = PersonRelations["groups"][number];

/** Others shown of one kind before the rest is asked for. */
const SHOWN = 4;

export function RelationsPanel({ person, compact }: { person: Person; compact?: boolean }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const [adding, setAdding] = useState(false);
  const [past, setPast] = useState(false);
  const [refused, setRefused] = useState(false);
  const path = `/people/${person.person}/relations`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<PersonRelations>(path, { signal }) });
  const data = query.data;
  // Beside a chat there is no room to say that there is nothing.
  if (compact && data && data.groups.length === 0) return null;
  const add = may("relations.manage") && !compact && <IconButton label={t("relations.add")} icon={<Plus size={15} />} onClick={() => setAdding(true)} />;
  return (
    <Section title={t("relations.title")} extra={add}>
      <Loaded query={query} rows={2}>
        {(all) => (
          <>
            {all.groups.length === 0 && <p className="help">{t("relations.none")}</p>}
            {all.groups.map((group) => <RelationGroup key={`${group.kind}:${group.side}`} person={person.person} group={group} editable={!compact && may("relations.manage")} />)}
            {!compact && all.past_total > 0 && <TextButton className="small" onClick={() => setPast(!past)}>{past ? t("people.fewer") : t("relations.past", { count: all.past_total })}</TextButton>}
            {past && <Past relations={all} />}
            {!compact && all.conflicts.length > 0 && <TextButton className="small" onClick={() => setRefused(!refused)}>{refused ? t("people.fewer") : t("relations.refused", { count: all.conflicts.length })}</TextButton>}
            {refused && <Refused conflicts={all.conflicts} person={all.person} />}
          </>
        )}
      </Loaded>
      {adding && <AddRelation person={person.person} onClose={() => setAdding(false)} />}
    </Section>
  );
}

function RelationGroup({ person, group, editable }: { person: number; group: Group; editable: boolean }) {
  const { t } = useTranslation();
  const name = useRelationName();
  const [all, setAll] = useState(false);
  const [tree, setTree] = useState(false);
  const title = name(group.kind, opposite(group.side));
  const below = group.side === "from" && group.kind === "inviter";
  return (
    <div className="relation-group">
      <h3>{title} {group.total > 1 && <span className="num">{group.total}</span>}</h3>
      <ul>
        {group.items.slice(0, SHOWN).map((related) => (
          <li key={related.other.person}>
            <Related related={related} />
            {editable && <EndButton person={person} group={group} related={related} />}
          </li>
        ))}
      </ul>
      <div className="row row-tight">
        {group.total > SHOWN && <TextButton className="small" onClick={() => setAll(true)}>{t("relations.all", { count: group.total })}</TextButton>}
        {below && <TextButton className="small" onClick={() => setTree(true)}>{t("relations.tree")}</TextButton>}
      </div>
      {all && <AllRelated person={person} kind={group.kind} side={group.side} title={title} onClose={() => setAll(false)} />}
      {tree && <TreeDialog person={person} kind={group.kind} onClose={() => setTree(false)} />}
    </div>
  );
}

/** Somebody else, a link to them, and since when. */
export function Related({ related }: { related: RelatedPerson }) {
  const { t } = useTranslation();
  const format = useFormats();
  const { other, since, until, by, reason } = related;
  const time = until ? t("relations.span", { from: format.date(since), to: format.date(until) }) : t("relations.since", { day: format.date(since) });
  return (
    <span className="related" title={by ? t("relations.by", { by, reason: reason ?? "" }) : related.source}>
      <Link to={paths.person(other.person)}>{personTitle(other)}</Link>
      <span className="small muted">{time}</span>
    </span>
  );
}

function EndButton({ person, group, related }: { person: number; group: Group; related: RelatedPerson }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <span className="related-end">
      <IconButton label={`${t("relations.end")}: ${personTitle(related.other)}`} icon={<X size={13} />} onClick={() => setOpen(true)} />
      {open && <EndDialog person={person} group={group} related={related} onClose={() => setOpen(false)} />}
    </span>
  );
}

function Past({ relations }: { relations: PersonRelations }) {
  const { t } = useTranslation();
  const name = useRelationName();
  return (
    <ul className="relation-past">
      {relations.past.map((past, at) => (
        <li key={at}>
          <span className="muted small">{name(past.kind, opposite(past.side))}</span>
          <Related related={past} />
          {past.reason && <span className="help">{t("relations.by", { by: past.by ?? "", reason: past.reason })}</span>}
          {past.set_aside && <Label tone="warning" title={t("relations.set_aside")}>{t("relations.set_aside")}</Label>}
        </li>
      ))}
    </ul>
  );
}
