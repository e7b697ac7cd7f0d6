/** How far an import is, how fast it goes, how long the rest will take, and the way to stop it. */
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Import } from "../../api/types";
import { Button, Num, Panel, Progress, useFormats, useToast } from "../../ui";

/** Old looks weigh less, so that the rate follows what happens now. */
const WEIGHT = 0.4;

interface Look {
  at: number;
  rows: number;
  rate: number | null;
}

/** Rows per second, from one look to the next. */
export function nextLook(before: Look | null, rows: number, at: number): Look {
  if (!before || rows < before.rows) return { at, rows, rate: null };
  if (rows === before.rows || at <= before.at) return before;
  const now = ((rows - before.rows) * 1000) / (at - before.at);
  const rate = before.rate === null ? now : before.rate * (1 - WEIGHT) + now * WEIGHT;
  return { at, rows, rate };
}

export function ImportProgress({ item }: { item: Import }) {
  const { t } = useTranslation();
  const format = useFormats();
  const toast = useToast();
  const look = useRef<Look | null>(null);
  look.current = nextLook(look.current, item.rows, Date.now());
  const cancel = useWrite(() => post(`/jobs/${item.job_id}/cancel`), ["/jobs", "/imports"]);
  const rate = look.current.rate;
  const rest = rate !== null && rate > 0 && item.total > item.rows ? (item.total - item.rows) / rate : null;
  const percent = item.total > 0 ? Math.min(100, Math.floor((100 * item.rows) / item.total)) : 0;
  return (
    <Panel>
      <div className="row">
        <div className="grow"><Progress percent={percent} status="active" aria-label={t("data.progress")} /></div>
        <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate(undefined, { onError: toast.failed })}>{t("jobs.cancel")}</Button>
      </div>
      <p className="help" role="status">
        {item.state === "queued" && item.rows === 0
          ? t("data.waiting")
          : <>
              <Num value={item.rows} /> / <Num value={item.total} /> {t("data.rows_unit")}
              {rate !== null && <> · {t("data.rate", { rate: format.number(Math.round(rate)) })}</>}
              {rest !== null && <> · {t("data.rest", { time: format.duration(rest * 1000) })}</>}
            </>}
      </p>
      <p className="help">{t("data.may_leave")}</p>
    </Panel>
  );
}
