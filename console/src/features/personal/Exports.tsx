/** Files with personal data that left, and finding the export of a file that was found. */
import { FileDown, FileSearch } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { Export, ExportFound, Page } from "../../api/types";
import { Link, usePageSearch } from "../../app/router";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Button, DateTime, Empty, Label, Num, Panel, Status, useToast } from "../../ui";
import "./personal.css";

/** As much of a file as the server takes; the beginning is enough. */
const TRACED_BYTES = 1_000_000;

export function Exports() {
  const { t } = useTranslation();
  const list = useList<Export>("/personal/exports");
  const [search] = usePageSearch();
  const columns: Column<Export>[] = [
    { key: "at", title: t("data.time"), cell: (row) => <DateTime at={row.at} /> },
    { key: "actor", title: t("personal.export_by"), cell: (row) => <Link to={paths.personalViewer} search={{ actor: row.actor }}>{row.actor_name || row.actor}</Link> },
    { key: "what", title: t("personal.export_what"), cell: (row) => <div>{row.title}<p className="help">{t(`personal.export_kinds.${row.what as "segment_people"}`, { defaultValue: row.what })}</p></div> },
    { key: "rows", title: t("personal.rows"), align: "end", cell: (row) => (row.rows === null || row.rows === undefined ? <span className="muted">{t("personal.unfinished")}</span> : <Num value={row.rows} />) },
    { key: "code", title: t("personal.export_code"), wideOnly: true, cell: (row) => (row.code === search.query ? <Label tone="brand"><code>{row.code}</code></Label> : <code>{row.code}</code>) },
  ];
  return (
    <div className="stack">
      <Trace />
      <Panel flush title={t("personal.exports")}>
        <ListTable label={t("personal.exports")} list={list} columns={columns} rowKey={(row) => row.id} empty={<Empty icon={<FileDown size={28} strokeWidth={1.5} />} title={t("personal.no_exports")}>{t("personal.no_exports_text")}</Empty>} />
      </Panel>
    </div>
  );
}

function Trace() {
  const { t } = useTranslation();
  const toast = useToast();
  const input = useRef<HTMLInputElement>(null);
  const trace = useWrite(async (file: File) => post<Page<ExportFound>>("/personal/exports/trace", { text: await file.slice(0, TRACED_BYTES).text() }));
  const found = trace.data?.items;
  return (
    <Panel title={t("personal.trace")} help={t("personal.trace_help")}>
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.txt,text/*"
        aria-label={t("personal.choose_file")}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) trace.mutate(file, { onError: toast.failed });
          event.target.value = "";
        }}
      />
      <Button icon={<FileSearch size={14} />} loading={trace.isPending} onClick={() => input.current?.click()}>{t("personal.choose_file")}</Button>
      {found?.length === 0 && <div className="note" role="status" style={{ marginTop: 12 }}><strong>{t("personal.traced_none")}</strong> {t("personal.traced_none_text")}</div>}
      {found && found.length > 0 && (
        <ul className="suggestions" role="status">
          {found.map((one) => (
            <li key={`${one.export.id}:${one.by}`} className="row">
              <Status tone="danger">{one.by === "code" ? t("personal.by_code") : t("personal.by_order", { fitting: one.fitting ?? 0, compared: one.compared ?? 0 })}</Status>
              <span className="grow"><strong>{one.export.actor_name}</strong> · <DateTime at={one.export.at} /> · {one.export.title} · <code>{one.export.code}</code></span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
