/** What is known of a person; every value opens where it comes from and what it was before. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { AttributeChange, Page, Person, Value } from "../../api/types";
import { useNames } from "../../app/names";
import { useSession } from "../../app/session";
import { DateTime, LatePopover, Loaded, TextButton } from "../../ui";
import { CorrectDialog } from "../rights/CorrectDialog";
import { Reveal } from "../personal/Reveal";
import { Pair, Section } from "./Section";

const SHOWN = 12;
/** The source of what was put right by hand. */
const CORRECTION = "correction";

export function AttributesPanel({ person }: { person: Person }) {
  const { t } = useTranslation();
  const names = useNames();
  const [all, setAll] = useState(false);
  const entries = Object.entries(person.attributes);
  const hidden = entries.length - SHOWN;
  return (
    <Section title={t("people.attributes")}>
      {entries.length === 0 && <p className="help">{t("people.no_attributes")}</p>}
      <dl className="pairs">
        {(all ? entries : entries.slice(0, SHOWN)).map(([name, value]) => (
          <Pair key={name} name={names.property(name)} title={name}><AttributeValue person={person} name={name} value={value} /></Pair>
        ))}
      </dl>
      {hidden > 0 && <TextButton className="small" onClick={() => setAll(!all)}>{all ? t("people.fewer") : t("people.more", { count: hidden })}</TextButton>}
    </Section>
  );
}

function AttributeValue({ person, name, value }: { person: Person; name: string; value: Value }) {
  const { t } = useTranslation();
  const names = useNames();
  const [open, setOpen] = useState(false);
  const [correcting, setCorrecting] = useState(false);
  const origin = person.origins[name];
  if (person.masked_attributes.includes(name)) return <Reveal person={person.person} kind="attribute" name={name} masked={names.value(name, value)} />;
  if (!origin) return names.value(name, value);
  const correct = () => {
    setOpen(false);
    setCorrecting(true);
  };
  return (
    <>
      <LatePopover open={open} onOpenChange={setOpen} placement="leftTop" arrow={false} destroyOnHidden content={<Origin person={person} name={name} onCorrect={correct} />}>
        <button type="button" className="about-open" title={t("people.origin")}>{names.value(name, value)}</button>
      </LatePopover>
      {correcting && <CorrectDialog person={person} attribute={name} onClose={() => setCorrecting(false)} />}
    </>
  );
}

function Origin({ person, name, onCorrect }: { person: Person; name: string; onCorrect: () => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const { may } = useSession();
  const origin = person.origins[name];
  if (!origin) return null;
  return (
    <div className="origin">
      <h3>{names.property(name)} <code className="muted">{name}</code></h3>
      <dl className="pairs">
        <Pair name={t("data.source")}>{origin.source === CORRECTION ? t("people.changes.correct") : origin.source || t("people.source_unknown")}</Pair>
        {origin.identifier && <Pair name={t("people.said_by")}>{names.namespace(origin.identifier.namespace)} {origin.identifier.value}</Pair>}
        <Pair name={t("people.since")}><DateTime at={origin.since} /></Pair>
        {origin.at !== origin.since && <Pair name={t("people.confirmed")}><DateTime at={origin.at} /></Pair>}
      </dl>
      {origin.has_history && <History person={person.person} name={name} />}
      {may("rights.manage") && <div><TextButton className="small" onClick={onCorrect}>{t("rights.correct")}</TextButton></div>}
    </div>
  );
}

function History({ person, name }: { person: number; name: string }) {
  const { t } = useTranslation();
  const names = useNames();
  const path = `/people/${person}/attributes/${encodeURIComponent(name)}/history`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<Page<AttributeChange>>(path, { signal }) });
  return (
    <>
      <h3>{t("people.history")}</h3>
      <Loaded query={query} rows={3}>
        {({ items }) => (
          <ol className="changes">
            {items.map((change, at) => (
              <li key={at} className={change.holds ? "change-holds" : undefined}>
                <span>
                  {change.kind !== "set" && <span className="muted">{t(`people.changes.${change.kind}`)} </span>}
                  {change.value !== null && change.value !== undefined && <strong>{names.value(name, change.value)}</strong>}
                </span>
                <span className="small muted"><DateTime at={change.at} />{change.source && change.source !== CORRECTION && ` · ${change.source}`}{change.identifier && ` · ${change.identifier.value}`}</span>
              </li>
            ))}
          </ol>
        )}
      </Loaded>
    </>
  );
}
