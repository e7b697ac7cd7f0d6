/** One tile: its title leads to the question, its menu holds the rest. */
import { GripVertical, MoreHorizontal, Unplug } from "lucide-react";
import { useCallback, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Tile, TileShow, TileWidth } from "../../api/types";
import { Link } from "../../app/router";
import { paths, type Search } from "../../paths";
import { Button, Dropdown, useConfirm, useFormats, useNameDialog, type MenuProps } from "../../ui";
import { AskedContext } from "../analyses/asked";
import { useChartMenu } from "../analyses/exporting";
import { useQuestionTitle } from "../analyses/questionTitle";
import { useWording } from "../analyses/wording";
import { scoped, type Scope } from "./tiles";
import { TileBody } from "./TileBody";
import { useSeen } from "./useSeen";

const WIDTHS: TileWidth[] = ["third", "half", "full"];
const SHOWS: TileShow[] = ["chart", "map", "table", "number"];

interface TileViewProps {
  tile: Tile;
  scope: Scope;
  every?: number;
  /** May be changed; absent for those who only read. */
  edit?: {
    change: (change: Partial<Pick<Tile, "title" | "width" | "show">>) => void;
    /** By so many places. */
    move: (by: number) => void;
    remove: () => void;
    grab: () => void;
    drop: () => void;
  };
  onAnnotate: () => void;
}

export function TileView({ tile, scope, every, edit, onAnnotate }: TileViewProps) {
  const { t } = useTranslation();
  const titleOf = useQuestionTitle();
  const card = useRef<HTMLElement>(null);
  const seen = useSeen(card);
  const [over, setOver] = useState(false);
  const question = tile.question;
  const title = tile.title || question?.name || (question ? titleOf(question.query) : t("dashboards.gone_title"));
  const dropping = edit && {
    onDragOver: (event: React.DragEvent) => { event.preventDefault(); setOver(true); },
    onDragLeave: () => setOver(false),
    onDrop: (event: React.DragEvent) => { event.preventDefault(); setOver(false); edit.drop(); },
  };
  return (
    <article ref={card} className={`tile tile-${tile.width} ${over ? "tile-over" : ""}`} aria-label={title} {...dropping}>
      {question ? <Answered tile={tile} question={question} title={title} scope={scope} every={every} edit={edit} seen={seen} onAnnotate={onAnnotate} /> : <Gone title={title} edit={edit} />}
    </article>
  );
}

type Edit = TileViewProps["edit"];

/** By the mouse it is dragged, by the arrow keys it is moved. */
function Grip({ title, edit }: { title: string; edit: NonNullable<Edit> }) {
  const { t } = useTranslation();
  const onKey = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    edit.move(by);
  };
  return (
    <button type="button" className="tile-grip no-picture" draggable aria-label={t("dashboards.move", { title })} title={t("dashboards.move_help")} onDragStart={(event) => { event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", title); edit.grab(); }} onKeyDown={onKey}>
      <GripVertical size={14} aria-hidden />
    </button>
  );
}

interface AnsweredProps extends TileViewProps {
  question: NonNullable<Tile["question"]>;
  title: string;
  seen: boolean;
}

function Answered({ tile, question, title, scope, every, edit, seen, onAnnotate }: AnsweredProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const wording = useWording();
  const body = useRef<HTMLDivElement>(null);
  const [as_of, setAsOf] = useState<number | string>();
  const query = useMemo(() => scoped(question.query, scope), [question.query, scope]);
  const identity_as_of = question.identity_as_of ?? undefined;
  const asked = useMemo(() => ({ query, as_of: identity_as_of }), [query, identity_as_of]);
  const { items: keeping, busy } = useChartMenu({ query, identity_as_of, title, as_of, body }, wording, onAnnotate);
  const editing = useEditing(tile, title, edit);
  const saved = tile.asks.kind === "analysis" && scope.range === null && scope.segment === null ? tile.asks.analysis : undefined;
  const search: Search = { q: query, saved, as_of: identity_as_of };
  const onAnswer = useCallback((at: number | string) => setAsOf(at), []);
  return (
    <>
      <header className="tile-head">
        {edit && <Grip title={title} edit={edit} />}
        <h2 className="ellipsis"><Link to={paths[query.kind]} search={search} title={title}>{title}</Link></h2>
        {as_of !== undefined && <span className="tile-as-of muted small num" title={t("app.as_of", { time: format.dateTime(as_of) })}>{format.time(as_of).slice(0, 5)}</span>}
        <Dropdown menu={{ items: [...editing, ...keeping] }} trigger={["click"]} placement="bottomRight">
          <Button className="no-picture" type="text" size="small" loading={busy} icon={<MoreHorizontal size={15} />} aria-label={t("dashboards.tile_menu", { title })} />
        </Dropdown>
      </header>
      <div ref={body} className="tile-body">
        <AskedContext.Provider value={asked}>
          <TileBody query={query} identity_as_of={identity_as_of} show={tile.show} label={title} seen={seen} every={every} onAnswer={onAnswer} />
        </AskedContext.Provider>
      </div>
    </>
  );
}

/** A trend broken down by one thing, which may be provinces. */
function mayHaveMap({ question, show }: Tile): boolean {
  const query = question?.query;
  return show === "map" || (query?.kind === "trend" && query.breakdown !== undefined && (query.then_by ?? []).length === 0);
}

/** What may be changed about a tile. */
function useEditing(tile: Tile, title: string, edit: Edit): NonNullable<MenuProps["items"]> {
  const { t } = useTranslation();
  const ask = useNameDialog();
  const remove = useRemoving(title, edit);
  if (!edit) return [];
  return [
    { key: "rename", label: t("app.rename"), onClick: () => ask({ title: t("app.rename"), label: t("app.name"), initial: title, action: t("app.save"), run: async (name) => edit.change({ title: name.slice(0, 100) }) }) },
    { key: "show", label: t("dashboards.show"), children: SHOWS.filter((show) => show !== "map" || mayHaveMap(tile)).map((show) => ({ key: `show_${show}`, label: t(`dashboards.show_${show}`), disabled: tile.show === show, onClick: () => edit.change({ show }) })) },
    { key: "width", label: t("dashboards.width"), children: WIDTHS.map((width) => ({ key: `width_${width}`, label: t(`dashboards.width_${width}`), disabled: tile.width === width, onClick: () => edit.change({ width }) })) },
    { key: "up", label: t("dashboards.move_up"), onClick: () => edit.move(-1) },
    { key: "down", label: t("dashboards.move_down"), onClick: () => edit.move(1) },
    { key: "remove", label: t("dashboards.remove_tile"), danger: true, onClick: remove },
    { type: "divider" },
  ];
}

function useRemoving(title: string, edit: Edit): () => void {
  const { t } = useTranslation();
  const confirm = useConfirm();
  return () => confirm({ title: t("dashboards.remove_title", { title }), content: t("dashboards.remove_text"), action: t("dashboards.remove_tile"), danger: true, run: async () => edit?.remove() });
}

/** The analysis it showed has been removed: said, never an empty picture. */
function Gone({ title, edit }: { title: string; edit: Edit }) {
  const { t } = useTranslation();
  const remove = useRemoving(title, edit);
  return (
    <>
      <header className="tile-head">
        {edit && <Grip title={title} edit={edit} />}
        <h2 className="ellipsis">{title}</h2>
      </header>
      <div className="tile-body">
        <div className="state">
          <div className="state-icon" aria-hidden><Unplug size={24} strokeWidth={1.5} /></div>
          <div className="state-text">{t("dashboards.gone")}</div>
          {edit && <Button onClick={remove}>{t("dashboards.remove_tile")}</Button>}
        </div>
      </div>
    </>
  );
}
