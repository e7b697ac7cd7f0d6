/** Situations everybody meets, played live under this project's rules. */
import { useQuery } from "@tanstack/react-query";
import { Check, CircleDashed, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { CaseLine, IdentityCase, Page } from "../../api/types";
import { Loaded, Panel, Status } from "../../ui";

export function Cases() {
  const { t, i18n } = useTranslation();
  const query = useQuery({ queryKey: ["/identity/cases"], queryFn: ({ signal }) => get<Page<IdentityCase>>("/identity/cases", { signal }) });
  const english = i18n.language === "en";
  return (
    <div className="stack">
      <p className="help">{t("identity.cases_help")}</p>
      <Loaded query={query} rows={10}>
        {(page) => (
          <div className="halves">
            {page.items.map((one) => (
              <Panel key={one.id} title={english ? one.title_en : one.title_zh} extra={<Status tone={one.holds ? "success" : "warning"}>{t(one.holds ? "identity.case_holds" : "identity.case_differs")}</Status>}>
                <div className="stack stack-tight">
                  <p className="help">{english ? one.why_en : one.why_zh}</p>
                  <ol className="identity-case">
                    {/* A script is what it is: its lines never move. */}
                    {/* oxlint-disable-next-line react/no-array-index-key */}
                    {one.lines.map((line, at) => <PlayedLine key={at} line={line} />)}
                  </ol>
                </div>
              </Panel>
            ))}
          </div>
        )}
      </Loaded>
    </div>
  );
}

function PlayedLine({ line }: { line: CaseLine }) {
  const { t } = useTranslation();
  const { holds } = line;
  const icon = holds === true ? <Check size={13} /> : holds === false ? <X size={13} /> : <CircleDashed size={13} />;
  return (
    <li className={holds === true ? "holds" : holds === false ? "differs" : undefined}>
      {icon}
      <code>{line.text}</code>
      {typeof holds === "boolean" && <span className="sr-only">{t(holds ? "identity.case_holds" : "identity.case_differs")}</span>}
    </li>
  );
}
