/** What there is to ask: saved statements, tables with their columns. */
import { ChevronRight, EyeOff, Table2, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { remove } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { SqlQuery, SqlSchema } from "../../api/types";
import { useSession } from "../../app/session";
import { Button, IconButton, Input, matches, Skeleton, useConfirm, useToast } from "../../ui";
import { quoted } from "./statement";

interface SidePanelProps {
  schema: SqlSchema | undefined;
  chosen: number | undefined;
  onOpen: (query: SqlQuery) => void;
  onInsert: (name: string) => void;
}

export function SidePanel({ schema, chosen, onOpen, onInsert }: SidePanelProps) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState("");
  return (
    <div className="stack stack-tight">
      <SavedQueries chosen={chosen} onOpen={onOpen} />
      <h2 className="sql-head">{t("sql.tables")}</h2>
      <Input allowClear size="small" value={wanted} placeholder={t("sql.find_column")} aria-label={t("sql.find_column")} onChange={(event) => setWanted(event.target.value)} />
      {schema ? schema.tables.map((table) => <OneTable key={table.name} table={table} wanted={wanted} onInsert={onInsert} />) : <Skeleton rows={6} />}
    </div>
  );
}

function OneTable({ table, wanted, onInsert }: { table: SqlSchema["tables"][number]; wanted: string; onInsert: (name: string) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const found = wanted.trim() === "" ? table.columns : table.columns.filter((column) => matches(wanted, column.name));
  if (wanted.trim() !== "" && found.length === 0) return null;
  const shown = open || wanted.trim() !== "";
  return (
    <div>
      <div className="sql-table">
        <button type="button" className="sql-table-name" aria-expanded={shown} onClick={() => setOpen(!open)}>
          <ChevronRight size={14} className={shown ? "sql-open" : undefined} />
          <Table2 size={14} />
          <code>{table.name}</code>
          <span className="muted small">{table.columns.length}</span>
        </button>
      </div>
      {shown && (
        <>
          <p className="help small sql-about">{t(`sql.table_${table.name as "events"}`, { defaultValue: "" })}</p>
          <ul className="sql-columns">
            {found.map((column) => (
              <li key={column.name}>
                <button type="button" title={column.masked ? t("sql.masked_column") : t("sql.insert")} onClick={() => onInsert(quoted(column.name))}>
                  <code>{column.name}</code>
                  {column.masked && <EyeOff size={12} aria-label={t("sql.masked_column")} />}
                  <span className="muted small">{t(`sql.type_${column.type}`)}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function SavedQueries({ chosen, onOpen }: { chosen: number | undefined; onOpen: (query: SqlQuery) => void }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const toast = useToast();
  const confirm = useConfirm();
  const list = useList<SqlQuery>("/sql/queries", { limit: 100 });
  const drop = useWrite((id: number) => remove(`/sql/queries/${id}`), ["/sql/queries"]);
  const ask = (query: SqlQuery) =>
    confirm({ title: t("sql.delete_title", { name: query.name }), content: t("sql.delete_text"), action: t("app.delete"), danger: true, run: () => drop.mutateAsync(query.id).then(() => toast.done(t("app.deleted"))) });
  return (
    <>
      <h2 className="sql-head">{t("sql.saved")}</h2>
      {list.items?.length === 0 && <p className="help small">{t("sql.saved_empty")}</p>}
      <ul className="sql-saved">
        {list.items?.map((query) => (
          <li key={query.id} className={query.id === chosen ? "sql-chosen" : undefined}>
            <button type="button" title={query.description || query.sql} onClick={() => onOpen(query)}>{query.name}</button>
            {may("analyses.write") && <IconButton label={t("app.delete")} icon={<Trash2 size={13} />} onClick={() => ask(query)} />}
          </li>
        ))}
      </ul>
      {list.hasNextPage && <Button size="small" onClick={() => void list.fetchNextPage()}>{t("table.more")}</Button>}
    </>
  );
}
