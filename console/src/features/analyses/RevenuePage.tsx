/** What cohorts bring over time (LTV). The address holds the question. */
import { useTranslation } from "react-i18next";
import { Checkbox, Pick } from "../../ui";
import { EventRow } from "./EventRow";
import { GainRow } from "./GainRow";
import { NumberPick } from "./NumberPick";
import { RevenueAnswer } from "./RevenueAnswer";
import { IntervalPick, Scope } from "./Scope";
import { useQuestion, Workbench } from "./Workbench";

const PERIODS_MAX = 120;

export default function RevenuePage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("revenue");
  const form = (
    <>
      <EventRow any mark={1} value={query.start} open={query.start.event === ""} onChange={(start) => change({ ...query, start })}>
        <span className="help">{t("analyses.retention_start")}</span>
      </EventRow>
      <GainRow mark={2} value={query.gain} onChange={(gain) => change({ ...query, gain })}>
        <span className="help">{t("analyses.revenue_gain")}</span>
      </GainRow>
      <div className="query-scope">
        <Scope value={query} event={query.start.event} onChange={change} />
        <span className="grow" />
        <IntervalPick value={query.interval} onChange={(interval) => change({ ...query, interval })} />
        <NumberPick label={t("analyses.periods")} value={query.periods} least={0} most={PERIODS_MAX} onChange={(periods) => change({ ...query, periods })} />
        <Pick
          aria-label={t("analyses.entry")}
          style={{ minWidth: 130 }}
          value={query.entry}
          onChange={(entry) => change({ ...query, entry })}
          options={(["first_ever", "first_in_range"] as const).map((entry) => ({ value: entry, label: t(`analyses.entry_${entry}`) }))}
        />
        <Checkbox checked={query.clock === "elapsed"} onChange={(event) => change({ ...query, clock: event.target.checked ? "elapsed" : "calendar" })}>{t("analyses.clock_elapsed")}</Checkbox>
      </div>
    </>
  );
  return (
    <Workbench kind="revenue" query={query} form={form} empty={t("analyses.choose_revenue")}>
      {(result) => <RevenueAnswer query={query} result={result} />}
    </Workbench>
  );
}
