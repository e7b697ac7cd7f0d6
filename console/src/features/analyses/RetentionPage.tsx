/** Who comes back, and after how long. The address holds the question. */
import { useTranslation } from "react-i18next";
import type { RetentionEntry, RetentionQuery } from "../../api/types";
import { Checkbox, InputNumber, Pick } from "../../ui";
import { EventRow } from "./EventRow";
import { RetentionAnswer } from "./RetentionAnswer";
import { IntervalPick, Scope } from "./Scope";
import { useQuestion, Workbench } from "./Workbench";

const PERIODS_MAX = 120;
const ENTRIES: RetentionEntry[] = ["first_in_range", "first_ever", "recurring"];

export default function RetentionPage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("retention");
  const form = (
    <>
      <EventRow any mark={1} value={query.start} open={query.start.event === ""} onChange={(start) => change({ ...query, start })}>
        <span className="help">{t("analyses.retention_start")}</span>
      </EventRow>
      <EventRow any mark={2} value={query.back} onChange={(back) => change({ ...query, back })}>
        <span className="help">{t("analyses.retention_back")}</span>
      </EventRow>
      <div className="query-scope">
        <Scope value={query} event={query.start.event} onChange={change} />
        <span className="grow" />
        <IntervalPick value={query.interval} onChange={(interval) => change({ ...query, interval })} />
        <Periods query={query} change={change} />
        <Pick
          aria-label={t("analyses.entry")}
          style={{ minWidth: 130 }}
          value={query.entry}
          onChange={(entry) => change({ ...query, entry })}
          options={ENTRIES.map((entry) => ({ value: entry, label: t(`analyses.entry_${entry}`) }))}
        />
        <Checkbox checked={query.clock === "elapsed"} onChange={(event) => change({ ...query, clock: event.target.checked ? "elapsed" : "calendar" })}>{t("analyses.clock_elapsed")}</Checkbox>
        <Checkbox checked={query.rolling} onChange={(event) => change({ ...query, rolling: event.target.checked })}>{t("analyses.rolling")}</Checkbox>
      </div>
    </>
  );
  return (
    <Workbench kind="retention" query={query} form={form} empty={t("analyses.choose_first")}>
      {(result) => <RetentionAnswer query={query} result={result} />}
    </Workbench>
  );
}

function Periods({ query, change }: { query: RetentionQuery; change: (query: RetentionQuery) => void }) {
  const { t } = useTranslation();
  return (
    <span className="row row-tight">
      <span className="help">{t("analyses.periods")}</span>
      <InputNumber min={1} max={PERIODS_MAX} precision={0} style={{ width: 64 }} aria-label={t("analyses.periods")} value={query.periods} onChange={(periods) => periods && change({ ...query, periods })} />
    </span>
  );
}
