/** Who one person is: identifiers, how they hang together, what is in doubt, and what to do about it. */
import { useQuery } from "@tanstack/react-query";
import { GitMerge, History, Split } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Decided, HeldIdentifier, PersonIdentity as Identity } from "../../api/types";
import { useNames } from "../../app/names";
import { useSession } from "../../app/session";
import { Ago, Button, IconButton, Label, Loaded, Panel } from "../../ui";
import { ConflictRow } from "./Conflicts";
import { IdentityGraph } from "./IdentityGraph";
import { IdentityHistory } from "./IdentityHistory";
import { splitNamespace } from "./identity";
import { MergeDialog } from "./MergeDialog";
import { SplitDialog } from "./SplitDialog";
import { SplitDone } from "./SplitDone";
import "./identity.css";

type Open = "merge" | "split" | "history" | Decided | null;

export function PersonIdentity({ person }: { person: number }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const [open, setOpen] = useState<Open>(null);
  const query = useQuery({ queryKey: ["/people/identity", person], queryFn: ({ signal }) => get<Identity>(`/people/${person}/identity`, { signal }) });
  const present = query.data?.identifiers.filter((held) => !held.former) ?? [];
  const close = () => setOpen(null);
  return (
    <Panel
      title={t("people.identifiers")}
      extra={
        <div className="row row-tight">
          <IconButton label={t("identity.history")} icon={<History size={14} />} onClick={() => setOpen("history")} />
          {may("identity.manage") && (
            <>
              <Button size="small" icon={<GitMerge size={14} />} onClick={() => setOpen("merge")}>{t("identity.merge")}</Button>
              {present.length > 1 && <Button size="small" icon={<Split size={14} />} onClick={() => setOpen("split")}>{t("identity.split")}</Button>}
            </>
          )}
        </div>
      }
    >
      <Loaded query={query} rows={4}>
        {(identity) => (
          <div className="stack stack-tight">
            <IdentityGraph identifiers={identity.identifiers} links={identity.links} />
            <ul className="identity-list">
              {identity.identifiers.map((held) => <Held key={held.node} held={held} />)}
            </ul>
            {!may("people.read_personal") && <p className="help">{t("people.masked")}</p>}
            {identity.conflicts.length > 0 && (
              <section className="stack stack-tight" aria-label={t("identity.doubts")}>
                <h3 className="identity-doubts">{t("identity.doubts")}</h3>
                {identity.conflicts.slice(0, 5).map((conflict) => (
                  <ConflictRow key={`${conflict.kind}${conflict.kept.value}${conflict.refused.value}`} conflict={conflict} person={identity.person} />
                ))}
              </section>
            )}
            {open === "history" && <IdentityHistory identity={identity} onClose={close} />}
            {open === "merge" && <MergeDialog person={identity.person} onClose={close} />}
            {open === "split" && <SplitDialog identity={identity} onSplit={setOpen} onClose={close} />}
          </div>
        )}
      </Loaded>
      {open !== null && typeof open === "object" && <SplitDone decided={open} here={query.data?.person ?? person} onClose={close} />}
    </Panel>
  );
}

function Held({ held }: { held: HeldIdentifier }) {
  const { t } = useTranslation();
  const names = useNames();
  const [namespace, scope] = splitNamespace(held.namespace);
  return (
    <li className={held.former ? "identity-former" : undefined}>
      <span className="identity-kind" title={scope || undefined}>{names.namespace(namespace)}</span>
      <span className="grow identity-value">{held.value}</span>
      {held.former && <Label title={t("identity.former_help")}>{t("identity.former")}</Label>}
      {held.shared && <Label tone="warning" title={t("identity.shared_help")}>{t("identity.shared")}</Label>}
      <span className="small muted"><Ago at={held.last_seen} /></span>
    </li>
  );
}
