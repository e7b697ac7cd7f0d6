/** What became of telling each receiver. */
import { useTranslation } from "react-i18next";
import type { AlertTelling, AlertTellOutcome } from "../../api/types";
import { Status, type Tone } from "../../ui";
import { addressOf } from "./receivers";

const TONES: Record<AlertTellOutcome, Tone> = { queued: "neutral", sent: "success", failed: "danger", unknown: "warning" };

export function Tellings({ items }: { items: AlertTelling[] }) {
  const { t } = useTranslation();
  return (
    <ul className="alert-tellings" aria-label={t("alerts.told")}>
      {items.map((telling, at) => <Line key={at} telling={telling} />)}
    </ul>
  );
}

function Line({ telling }: { telling: AlertTelling }) {
  const { t } = useTranslation();
  const { code, reason, outcome, receiver } = telling;
  const why = code && t(`errors.${code as "internal"}`, { reason: reason ?? "", message: reason ?? "", field: "", defaultValue: reason ?? code });
  return (
    <li>
      <span className="alert-address">{addressOf(receiver)}</span>
      <Status tone={TONES[outcome]}>{t(outcome === "queued" && code ? "alerts.told_again" : `alerts.told_${outcome}`)}</Status>
      {why && <span className="help">{why}</span>}
    </li>
  );
}
