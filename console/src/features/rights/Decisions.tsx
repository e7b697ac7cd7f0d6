/** What programs decided about a person, and why, to be told to them. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Page, RightsDecision } from "../../api/types";
import { Ago, CopyButton, Label, Loaded } from "../../ui";
import { useText } from "./rights";

const SHOWN_MAX = 50;

export function Decisions({ person }: { person: number }) {
  const { t } = useTranslation();
  const text = useText();
  const path = `/people/${person}/decisions`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<Page<RightsDecision>>(path, { signal }) });
  return (
    <Loaded query={query} rows={6}>
      {({ items }) => {
        if (items.length === 0) return <p className="help">{t("rights.no_decisions")}</p>;
        const told = items.slice(0, SHOWN_MAX);
        const lines = told.map((one) => [`${one.name}${t("rights.colon")}${text(one.outcome)}`, text(one.why), ...one.facts.map(text)].filter(Boolean).join("\n  "));
        return (
          <div className="stack stack-tight">
            <div className="spread">
              <p className="help">{t("rights.decisions_help")}</p>
              <CopyButton text={lines.join("\n")} label={t("rights.copy_text")} />
            </div>
            <ul className="rights-copies">{told.map((one) => <Decision key={`${one.kind}:${one.id}:${one.at ?? ""}`} decision={one} />)}</ul>
            {items.length > SHOWN_MAX && <p className="help">{t("rights.more_decisions", { count: items.length - SHOWN_MAX })}</p>}
          </div>
        );
      }}
    </Loaded>
  );
}

function Decision({ decision }: { decision: RightsDecision }) {
  const { t } = useTranslation();
  const text = useText();
  const why = text(decision.why);
  return (
    <li>
      <div className="spread">
        <span className="row">
          <Label>{t(`rights.decision_kinds.${decision.kind}`)}</Label>
          <span className="strong">{decision.name}</span>
          <span>{text(decision.outcome)}</span>
          {decision.automated && <Label tone="warning" title={t("rights.automated_help")}>{t("rights.automated")}</Label>}
        </span>
        {decision.at && <span className="small muted"><Ago at={decision.at} /></span>}
      </div>
      {why !== "" && <p className="small">{why}</p>}
      {decision.facts.length > 0 && <p className="small muted">{decision.facts.map(text).join(" · ")}</p>}
    </li>
  );
}
