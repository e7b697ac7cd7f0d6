/** The rows that could not be used: by reason, the first of them one by one, and as a table to correct. */
import { Download } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { download } from "../../api/client";
import type { Import, RowCode } from "../../api/types";
import { useSession } from "../../app/session";
import { DataTable } from "../../table";
import { Bar, Button, Num, Panel, useToast } from "../../ui";

export function RefusedRows({ item }: { item: Import }) {
  const { t, i18n } = useTranslation();
  const toast = useToast();
  const { may } = useSession();
  const [chosen, setChosen] = useState<RowCode | null>(null);
  const most = item.reasons[0]?.rows ?? 0;
  const errors = chosen === null ? item.errors : item.errors.filter((row) => row.code === chosen);
  const table = () => download(`/imports/${item.id}/rejected.csv?language=${i18n.language}`, `${item.name}.rejected.csv`).catch(toast.failed);
  const list = () => download(`/imports/${item.id}/errors.csv`, `${item.name}.errors.csv`).catch(toast.failed);
  return (
    <>
      <Panel
        title={t("data.reasons")}
        help={t(item.rejected_kept ? "data.reasons_help" : "data.reasons_gone")}
        extra={item.rejected_kept && may("people.export")
          ? <Button icon={<Download size={14} />} onClick={() => void table()}>{t("data.rejected_csv")}</Button>
          : <Button icon={<Download size={14} />} onClick={() => void list()}>{t("data.errors_csv")}</Button>}
      >
        <ul className="reasons">
          {item.reasons.map((reason) => (
            <li key={reason.code}>
              <button type="button" aria-pressed={chosen === reason.code} onClick={() => setChosen(chosen === reason.code ? null : reason.code)}>
                <span>{t(`data.row_${reason.code}`)}</span>
                <Bar share={most > 0 ? reason.rows / most : 0} tone={chosen === null || chosen === reason.code ? "brand" : "muted"} />
                <Num value={reason.rows} />
              </button>
            </li>
          ))}
        </ul>
        {item.rejected_kept && !may("people.export") && <p className="help">{t("data.rejected_ask")}</p>}
      </Panel>
      {errors.length > 0 && (
        <Panel flush title={t("data.row_errors")} help={t("data.row_errors_first", { rows: errors.length })}>
          <DataTable
            label={t("data.row_errors")}
            rows={errors}
            rowKey={(row) => `${row.row}:${row.column ?? ""}:${row.code}`}
            columns={[
              { key: "row", title: t("data.row"), align: "end", width: 80, sort: (row) => row.row, cell: (row) => <Num value={row.row + item.header_row} /> },
              { key: "column", title: t("data.column"), cell: (row) => row.column ?? "–" },
              { key: "value", title: t("data.value"), cell: (row) => (row.value === null || row.value === undefined ? <span className="muted">–</span> : <code className="cell-value">{row.value}</code>) },
              { key: "message", title: t("data.reason"), cell: (row) => t(`data.row_${row.code as RowCode}`, { defaultValue: row.message }) },
            ]}
          />
        </Panel>
      )}
    </>
  );
}
