/** What is done about a request, by what is asked for. */
import { useTranslation } from "react-i18next";
import type { RightsRequest } from "../../api/types";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { Copies } from "./Copies";
import { Corrections } from "./Corrections";
import { Decisions } from "./Decisions";
import { Step } from "./Step";

export function WorkStep({ request }: { request: RightsRequest }) {
  const { t } = useTranslation();
  const { person } = request;
  const known = typeof person === "number";
  return (
    <Step title={t(`rights.flow.${request.kind}`)} off={request.state === "open"}>
      {!known && <p className="help">{t("rights.nothing_known")}</p>}
      {known && request.kind === "access" && <Copies person={person} request={request} />}
      {known && request.kind === "correct" && <Corrections person={person} request={request} />}
      {known && request.kind === "explain" && <Decisions person={person} />}
      {known && request.kind === "erase" && (
        <p className="help">{t("rights.erase_help")} <Link to={paths.person(person)}>{t("rights.to_person")}</Link></p>
      )}
    </Step>
  );
}
