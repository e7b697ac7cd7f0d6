/** Error code and parameters → the sentence a person reads. */
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "../api/errors";
import { bytesText } from "./format";

/** "What happened · why · what to do", in the chosen language; never the server's own words alone. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return useCallback(
    (error) => {
      const failure = asApiError(error);
      const { code, message, field, params } = failure;
      const values: Record<string, string> = { message, field: field ?? "", ...params };
      if (params.permission !== undefined) {
        values.permission = t(`permissions.${params.permission}`, { defaultValue: params.permission });
      }
      if (params.limit_bytes !== undefined) values.limit = bytesText(Number(params.limit_bytes));
      if (code === "unsupported_file" && params.reason !== undefined) {
        return t(`names.file_reasons.${params.reason as "empty"}`, { defaultValue: t("errors.unsupported_file") });
      }
      return t(`errors.${code}`, { ...values, defaultValue: message });
    },
    [t],
  );
}
