/** From a cell to an alert. */
import { BellPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Alert, AnalysisCell, NewAlert } from "../../api/types";
import { useSession } from "../../app/session";
import { Button, Drawer, Tooltip, useToast } from "../../ui";
import { AlertForm } from "./AlertForm";
import "./alerts.css";
import { bucketOf, canWatch } from "./watching";

export function MakeAlert({ cell, name }: { cell: AnalysisCell; name: string }) {
  const { t } = useTranslation();
  const toast = useToast();
  const { may } = useSession();
  const [open, setOpen] = useState(false);
  const create = useWrite((draft: NewAlert) => post<Alert>("/alerts", draft), ["/alerts"]);
  if (!may("analyses.write")) return null;
  const possible = canWatch(cell);
  return (
    <>
      <Tooltip title={possible ? undefined : t("alerts.all_time")}>
        <Button icon={<BellPlus size={15} />} disabled={!possible} onClick={() => setOpen(true)}>{t("alerts.make")}</Button>
      </Tooltip>
      <Drawer open={open} onClose={() => setOpen(false)} title={t("alerts.new")} size={480} destroyOnHidden>
        {open && (
          <div className="stack">
            <p className="help">{t(bucketOf(cell) === undefined ? "alerts.judged_days" : "alerts.judged_bucket")}</p>
            <AlertForm
              cell={cell}
              name={name}
              submitLabel={t("alerts.create")}
              submit={(draft) => create.mutateAsync({ ...draft, cell: { kind: cell.kind, query: cell.query, cell: cell.cell } as AnalysisCell })}
              onDone={() => {
                setOpen(false);
                toast.done(t("alerts.made"));
              }}
            />
          </div>
        )}
      </Drawer>
    </>
  );
}
