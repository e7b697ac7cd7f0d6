/** What is done about a request, by what is asked for. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { RightsRequest } from "../../api/types";
import { Link } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { Button } from "../../ui";
import { EraseDialog } from "../erasure/EraseDialog";
import { Copies } from "./Copies";
import { Corrections } from "./Corrections";
import { Decisions } from "./Decisions";
import { Step } from "./Step";
import { isEnded } from "./rights";

export function WorkStep({ request }: { request: RightsRequest }) {
  const { t } = useTranslation();
  const { person } = request;
  const known = typeof person === "number";
  return (
    <Step title={t(`rights.flow.${request.kind}`)} done={request.state === "done"} off={request.state === "open"}>
      {!known && <p className="help">{t("rights.nothing_known")}</p>}
      {known && request.kind === "access" && <Copies person={person} request={request} />}
      {known && request.kind === "correct" && <Corrections person={person} request={request} />}
      {known && request.kind === "explain" && <Decisions person={person} />}
      {known && request.kind === "erase" && <Erase person={person} request={request} />}
    </Step>
  );
}

/** Erasing ends the request by itself. */
function Erase({ person, request }: { person: number; request: RightsRequest }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const [open, setOpen] = useState(false);
  const ready = request.state === "working" && Boolean(request.verified);
  return (
    <>
      <p className="help">{t("rights.erase_help")} <Link to={paths.person(person)}>{t("rights.to_person")}</Link></p>
      {may("people.erase") && !isEnded(request) && <div><Button danger disabled={!ready} title={ready ? undefined : t("rights.verify_first")} onClick={() => setOpen(true)}>{t("erasure.erase")}</Button></div>}
      {open && <EraseDialog person={person} request={request.id} onClose={() => setOpen(false)} onErased={() => setOpen(false)} />}
    </>
  );
}
