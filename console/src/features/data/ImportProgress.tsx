/** How far an import is, how fast it goes, how long the rest will take, and the way to stop it. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Import } from "../../api/types";
import { Button, Num, Panel, Progress, useFormats, useToast } from "../../ui";
import { nextLook } from "./rate";

/** `at` is when the item was asked for. */
export function ImportProgress({ item, at }: { item: Import; at: number }) {
  const { t } = useTranslation();
  const format = useFormats();
  const toast = useToast();
  const [look, setLook] = useState(() => nextLook(null, item.rows, at));
  const now = nextLook(look, item.rows, at);
  if (now !== look) setLook(now);
  const cancel = useWrite(() => post(`/jobs/${item.job_id}/cancel`), ["/jobs", "/imports"]);
  const rate = now.rate;
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
