/** By when a request is to be answered; what is late stands out. */
import { useTranslation } from "react-i18next";
import type { RightsRequest } from "../../api/types";
import { Label, useFormats, useNow } from "../../ui";
import { daysUntil } from "./rights";

export function Due({ request }: { request: RightsRequest }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const days = daysUntil(request.due_at, useNow());
  const left = days < 0 ? t("rights.late_by", { count: -days }) : days === 0 ? t("rights.today") : t("rights.days_left", { count: days });
  return (
    <span className="rights-due">
      <span className="num">{formats.date(request.due_at)}</span>
      {request.overdue && <Label tone="danger">{left}</Label>}
      {request.due_soon && <Label tone="warning">{left}</Label>}
    </span>
  );
}
