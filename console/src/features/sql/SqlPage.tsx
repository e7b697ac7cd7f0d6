/** SQL: tables on one side, a statement, its answer below it. */
import { useQuery } from "@tanstack/react-query";
import { PanelLeft, Play, Square } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { SqlParam, SqlQuery, SqlSchema, SqlView } from "../../api/types";
import { usePageSearch } from "../../app/router";
import { useSession } from "../../app/session";
import { Button, Drawer, ErrorView, Page, Panel, Skeleton } from "../../ui";
import { ParamFields } from "./ParamFields";
import type { EditorHandle } from "./Editor";
import { ResultPanel } from "./ResultPanel";
import { SaveQuery } from "./SaveQuery";
import { SidePanel } from "./SidePanel";
import { paramsOf, paramValue } from "./statement";
import { useRun, type ParamValues } from "./useRun";
import "./sql.css";

const Editor = lazy(() => import("./Editor"));
const TABLE: SqlView = { kind: "table", x: "", y: [] };

/** What is written, kept until the window closes. */
function useKept(key: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? "");
  const keep = useCallback((next: string) => {
    setText(next);
    sessionStorage.setItem(key, next);
  }, [key]);
  return [text, keep];
}

/** Opens the saved query that the address names, unless it is the one that is being changed. */
function useNamed(saved: number | undefined, opened: string, open: (query: SqlQuery) => void): void {
  const wanted = saved !== undefined && String(saved) !== opened;
  const named = useQuery({ queryKey: ["/sql/queries", saved], queryFn: ({ signal }) => get<SqlQuery>(`/sql/queries/${saved}`, { signal }), enabled: wanted });
  useEffect(() => {
    if (wanted && named.data) open(named.data);
  }, [wanted, named.data, open]);
}

/** The parameters that the text names, each as it was said of it. */
function declared(text: string, known: SqlParam[]): SqlParam[] {
  return paramsOf(text).map((name) => known.find((param) => param.name === name) ?? { name, kind: "text", default: "" });
}

export default function SqlPage() {
  const { t } = useTranslation();
  const { project } = useSession();
  const [search, setSearch] = usePageSearch();
  const [text, setText] = useKept(`siyu.sql.${project.id}`);
  const [opened, setOpened] = useKept(`siyu.sql.${project.id}.saved`);
  const [known, setKnown] = useState<SqlParam[]>([]);
  const [written, setWritten] = useState<Record<string, string>>({});
  const [view, setView] = useState<SqlView>(TABLE);
  const [aside, setAside] = useState(false);
  const editor = useRef<EditorHandle>(null);
  const schema = useQuery({ queryKey: ["/sql/schema"], queryFn: ({ signal }) => get<SqlSchema>("/sql/schema", { signal }) });
  const run = useRun();
  const params = useMemo(() => declared(text, known), [text, known]);
  const values = params.map((param) => [param.name, paramValue(param.kind, written[param.name] ?? param.default)] as const);
  const ready = text.trim() !== "" && values.every(([, value]) => value !== undefined);
  const start = () => {
    if (ready && !run.busy) run.start(text, Object.fromEntries(values) as ParamValues);
  };
  const saved = useCallback((id: number) => {
    setOpened(String(id));
    setSearch({ saved: id });
  }, [setOpened, setSearch]);
  const open = useCallback((query: SqlQuery) => {
    setText(query.sql);
    setKnown(query.params);
    setWritten({});
    setView(query.view);
    saved(query.id);
    setAside(false);
  }, [setText, saved]);
  useNamed(search.saved, opened, open);
  const side = <SidePanel schema={schema.data} chosen={search.saved} onOpen={open} onInsert={(name) => (editor.current?.insert(name), setAside(false))} />;
  return (
    <Page
      title={t("nav.sql")}
      description={t("sql.help", { rows: schema.data?.limits.rows ?? 0, seconds: schema.data?.limits.seconds ?? 0 })}
      primary={<SaveQuery sql={text} params={params} view={view} saved={search.saved} onSaved={saved} />}
      wide
    >
      <div className="sql-page">
        <aside className="sql-side">{schema.error ? <ErrorView error={schema.error} onRetry={() => void schema.refetch()} /> : side}</aside>
        <div className="stack">
          <Panel flush>
            <Suspense fallback={<div className="sql-loading"><Skeleton rows={5} /></div>}>
              <Editor ref={editor} text={text} onChange={setText} onRun={start} schema={schema.data} label={t("sql.statement")} hint={t("sql.placeholder")} />
            </Suspense>
            {params.length > 0 && <ParamFields params={params} written={written} onWrite={setWritten} onDeclare={setKnown} />}
            <div className="sql-bar">
              <Button className="sql-aside-button" icon={<PanelLeft size={15} />} onClick={() => setAside(true)}>{t("sql.tables")}</Button>
              <span className="muted small sql-keys">{t("sql.keys")}</span>
              {run.busy && <Button icon={<Square size={14} />} onClick={run.cancel}>{t("app.cancel")}</Button>}
              <Button type="primary" icon={<Play size={14} />} loading={run.busy} disabled={!ready} onClick={start}>{t("sql.run")}</Button>
            </div>
          </Panel>
          <ResultPanel run={run} view={view} onView={setView} onGoTo={(line, column) => editor.current?.goTo(line, column)} title={t("nav.sql")} />
        </div>
      </div>
      <Drawer open={aside} onClose={() => setAside(false)} title={t("sql.tables")} placement="left" size={320}>{side}</Drawer>
    </Page>
  );
}
