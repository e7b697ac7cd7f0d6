/** The plan as a file: out, and in with the differences shown first. */
import { Download, Upload } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { download, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { PlanChange, PlanImport, PlanRowError } from "../../api/types";
import { useSession } from "../../app/session";
import { DataTable, type Column } from "../../table";
import { Label, Modal, useToast, type MenuProps } from "../../ui";
import { useSubjectTitle } from "./plan";

interface Asked {
  file: File;
  apply: boolean;
}

function form({ file, apply }: Asked): FormData {
  const data = new FormData();
  data.set("file", file);
  data.set("apply", String(apply));
  return data;
}

/** Opens the browser's own dialog. */
function chooseFile(done: (file: File | undefined) => void) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".json,.xlsx";
  input.addEventListener("change", () => done(input.files?.[0]));
  input.click();
}

/** The items of the page's menu, and the dialog that one of them opens. */
export function useTransfer(): { items: MenuProps["items"]; dialog: ReactNode } {
  const { t } = useTranslation();
  const { may } = useSession();
  const toast = useToast();
  const [file, setFile] = useState<File | null>(null);
  const [seen, setSeen] = useState<PlanImport | null>(null);
  const look = useWrite((asked: Asked) => post<PlanImport>("/plan/import", form(asked)));
  const apply = useWrite((asked: Asked) => post<PlanImport>("/plan/import", form(asked)), ["/plan"]);
  const close = () => {
    setFile(null);
    setSeen(null);
  };
  const choose = (chosen: File | undefined) => {
    if (!chosen) return;
    setFile(chosen);
    look.mutate({ file: chosen, apply: false }, { onSuccess: setSeen, onError: (error) => { toast.failed(error); close(); } });
  };
  const out = (kind: "json" | "xlsx") => void download(`/plan/export.${kind}`, `plan.${kind}`).catch(toast.failed);
  const items: MenuProps["items"] = [
    { key: "json", icon: <Download size={14} />, label: t("plan.transfer.export_json"), onClick: () => out("json") },
    { key: "xlsx", icon: <Download size={14} />, label: t("plan.transfer.export_xlsx"), onClick: () => out("xlsx") },
  ];
  if (may("data.write")) items.push({ key: "import", icon: <Upload size={14} />, label: t("plan.transfer.import"), onClick: () => chooseFile(choose) });
  const ready = seen !== null && seen.errors.length === 0 && seen.changes_total > 0;
  const dialog = file && seen && (
        <Modal
          open
          centered
          width={680}
          title={t("plan.transfer.title")}
          okText={t("plan.transfer.apply")}
          cancelText={t("app.cancel")}
          okButtonProps={{ disabled: !ready }}
          confirmLoading={apply.isPending}
          onCancel={close}
          onOk={() => apply.mutate({ file, apply: true }, { onSuccess: () => { toast.done(t("plan.transfer.applied")); close(); }, onError: toast.failed })}
        >
          <Differences seen={seen} />
        </Modal>
  );
  return { items, dialog };
}

function Differences({ seen }: { seen: PlanImport }) {
  const { t } = useTranslation();
  const title = useSubjectTitle();
  const errors: Column<PlanRowError>[] = [
    { key: "row", title: t("plan.transfer.row"), cell: (row) => `${row.sheet ?? ""} ${row.row}`.trim() },
    { key: "message", title: t("data.reason"), cell: (row) => <>{row.column && <code>{row.column}</code>} {row.message}</> },
  ];
  const changes: Column<PlanChange>[] = [
    { key: "what", title: t("plan.subject"), cell: (row) => <>{title({ kind: row.kind, name: row.subject })} {row.property && <code>{row.property}</code>}</> },
    { key: "difference", title: t("plan.status"), cell: (row) => <Label tone={row.difference === "added" ? "success" : "info"}>{t(`plan.transfer.${row.difference}`)}</Label> },
    { key: "fields", title: t("plan.transfer.fields"), wideOnly: true, cell: (row) => row.fields.join(", ") },
  ];
  if (seen.errors.length > 0) {
    return (
      <div className="stack">
        <p>{t("plan.transfer.errors", { count: seen.errors.length })}</p>
        <DataTable label={t("plan.transfer.title")} rows={seen.errors} columns={errors} rowKey={(row) => `${row.sheet}:${row.row}:${row.column}`} />
      </div>
    );
  }
  if (seen.changes_total === 0) return <p>{t("plan.transfer.none")}</p>;
  return (
    <div className="stack">
      <p>{t("plan.transfer.differences", { count: seen.changes_total })} {t("plan.transfer.help")}</p>
      <DataTable label={t("plan.transfer.title")} rows={seen.changes} columns={changes} rowKey={(row) => `${row.kind}:${row.subject}:${row.property ?? ""}`} />
    </div>
  );
}
