/** By what a person is known. */
import { useTranslation } from "react-i18next";
import type { Person } from "../../api/types";
import { useNames } from "../../app/names";
import { useSession } from "../../app/session";
import { CopyButton } from "../../ui";
import { Pair, Section } from "./Section";

export function IdentitySection({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { may } = useSession();
  return (
    <Section title={t("people.identifiers")} extra={person.members.length > 1 && <span className="small muted">{t("people.merged_of", { count: person.members.length })}</span>}>
      <Identifiers person={person} />
      {!may("people.read_personal") && <p className="help">{t("people.masked")}</p>}
    </Section>
  );
}

function Identifiers({ person }: { person: Person }) {
  const names = useNames();
  const { may } = useSession();
  return (
    <dl className="pairs">
      {person.identifiers.map((id) => (
        <Pair key={`${id.namespace}:${id.value}`} name={names.namespace(id.namespace)} title={id.namespace}>
          <span className="about-value">{id.value}{may("people.read_personal") && <span className="about-act"><CopyButton text={id.value} /></span>}</span>
        </Pair>
      ))}
    </dl>
  );
}
