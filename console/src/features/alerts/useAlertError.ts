/** Why an alert could not be judged, as any error is said. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { AlertFinding } from "../../api/types";

export function useAlertError(): (found: AlertFinding) => string {
  const { t } = useTranslation();
  return useCallback(
    ({ error }) => {
      if (!error) return "";
      const { code, message, params } = error;
      return t("alerts.could_not", { why: t(`errors.${code as "internal"}`, { message, field: "", ...params, defaultValue: message }) });
    },
    [t],
  );
}
