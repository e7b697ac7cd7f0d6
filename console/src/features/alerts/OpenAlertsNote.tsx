/** Alerts that fire or could not be judged, as a note; nothing while all is well. */
import { BellRing } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useOpenAlerts } from "../../api/openAlerts";
import { Link } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { Ago } from "../../ui";
import "./alerts.css";
import { useAlertWords } from "./words";

const SHOWN = 5;

export function OpenAlertsNote() {
  const { may } = useSession();
  return may("analyses.run") ? <Note /> : null;
}

function Note() {
  const { t } = useTranslation();
  const words = useAlertWords();
  const alerts = useOpenAlerts().data ?? [];
  if (alerts.length === 0) return null;
  return (
    <div className="note tone-warning" role="status">
      <BellRing size={18} aria-hidden />
      <div className="grow stack stack-tight">
        <strong>{t("alerts.open", { count: alerts.length })}</strong>
        <ul className="alerts-open">
          {alerts.slice(0, SHOWN).map((alert) => (
            <li key={alert.id}>
              <Link to={paths.alerts} search={{ alert: alert.id }}>{alert.name}</Link>{" "}
              <span className="muted">{words.state(alert.found.state)} · {words.found(alert, alert.found)} · <Ago at={alert.since} /></span>
            </li>
          ))}
        </ul>
        <Link to={paths.alerts}>{t("alerts.to_all")}</Link>
      </div>
    </div>
  );
}
