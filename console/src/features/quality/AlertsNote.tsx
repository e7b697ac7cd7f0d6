/** What does not arrive as expected, as a note; nothing while all is well. */
import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { Ago } from "../../ui";
import "./quality.css";
import { useOpenAlerts, useQualityWords } from "./quality";

export function AlertsNote({ link }: { link?: boolean }) {
  const { t } = useTranslation();
  const words = useQualityWords();
  const alerts = useOpenAlerts().data?.items ?? [];
  if (alerts.length === 0) return null;
  return (
    <div className="note tone-warning" role="status">
      <TriangleAlert size={18} aria-hidden />
      <div className="grow stack stack-tight">
        <strong>{t("quality.alerts_title", { count: alerts.length })}</strong>
        <ul className="quality-alerts">
          {alerts.map((alert) => (
            <li key={alert.id}>{words.rule(alert)} <span className="muted">{words.found(alert)} · <Ago at={alert.started_at} /></span></li>
          ))}
        </ul>
        {link && <Link to={paths.quality}>{t("quality.to_quality")}</Link>}
      </div>
    </div>
  );
}
