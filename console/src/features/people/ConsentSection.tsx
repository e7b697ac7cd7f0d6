/** What a person agreed to. */
import { useTranslation } from "react-i18next";
import type { Person } from "../../api/types";
import { Ago, Status } from "../../ui";
import { Pair, Section } from "./Section";

export function ConsentSection({ person }: { person: Person }) {
  const { t } = useTranslation();
  return (
    <Section title={t("people.consents")}>
      {person.consents.length === 0 && <p className="help">{t("people.no_consents")}</p>}
      <dl className="pairs">
        {person.consents.map((consent) => (
          <Pair key={`${consent.channel}:${consent.purpose}`} name={t(`campaigns.channel_${consent.channel as "email"}`, { defaultValue: consent.channel })}>
            <span className="row">
              <Status tone={consent.state === "granted" ? "success" : "danger"}>{t(consent.state === "granted" ? "people.consent_granted" : "people.consent_withdrawn")}</Status>
              <span className="muted small"><Ago at={consent.at} /> · {consent.source}</span>
            </span>
          </Pair>
        ))}
      </dl>
    </Section>
  );
}
