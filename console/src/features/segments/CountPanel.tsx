/** The live count beside the builder. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Condition } from "../../api/types";
import { Bar, ErrorView, Num, Panel, useFormats } from "../../ui";
import { AsOf } from "../identity/AsOf";
import { useCount } from "./useCount";

export function CountPanel({ condition }: { condition: Condition }) {
  const { t } = useTranslation();
  const format = useFormats();
  const [asOf, setAsOf] = useState<string>();
  const count = useCount(condition, asOf);
  if (count.error) return <Panel><ErrorView error={count.error} onRetry={() => void count.refetch()} /></Panel>;
  const { data } = count;
  const share = data && data.total > 0 ? data.count / data.total : 0;
  return (
    <Panel title={t("segments.live_count")} extra={<AsOf value={asOf} onChange={setAsOf} />}>
      <div className={count.stale || !count.complete ? "count count-stale" : "count"} aria-live="polite">
        <span className="count-number" data-testid="count">{data ? <Num value={data.count} /> : "–"}</span>
        <span className="muted">{data && t("segments.of_total", { total: format.number(data.total), share: format.percent(share, 2) })}</span>
        <Bar share={share} />
        {count.complete ? (
          <span className="muted small num">{data && t("segments.took", { time: took(data.took_micros), at: format.time(data.as_of) })}</span>
        ) : (
          <span className="count-missing">{t("condition.incomplete")}</span>
        )}
        {asOf !== undefined && <p className="help">{t("identity.as_of.count_note", { time: format.dateTime(asOf) })}</p>}
      </div>
    </Panel>
  );
}

function took(micros: number): string {
  return micros < 10_000 ? (micros / 1000).toFixed(2) : String(Math.round(micros / 1000));
}
