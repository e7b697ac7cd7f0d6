/** One dashboard: its tiles, answered as they come into view. The address holds the days and the segment it is looked at with. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { LayoutDashboard, Plus } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { get, patch, remove } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Dashboard, DashboardChange, Tile } from "../../api/types";
import { useGo, useIdParam, usePageSearch } from "../../app/router";
import { useSession } from "../../app/session";
import { ChartFrameContext } from "../../chart";
import { paths } from "../../paths";
import { Button, Empty, Loaded, Page, Skeleton, useConfirm, useNameDialog, useToast, type MenuProps } from "../../ui";
import { AnnotationsDrawer } from "../annotations/AnnotationsDrawer";
import { useDayNotes } from "../annotations/useAnnotations";
import { AddTile } from "./AddTile";
import { ScopeBar, ScopeLine } from "./ScopeBar";
import { isKept, kept, moved, scopeOf } from "./tiles";
import { TileView } from "./TileView";
import { useWall } from "./useWall";

export default function DashboardPage() {
  const id = useIdParam();
  const { t } = useTranslation();
  const go = useGo();
  const query = useQuery({ queryKey: ["/dashboards", id], queryFn: ({ signal }) => get<Dashboard>(`/dashboards/${id}`, { signal }) });
  const back = { label: t("nav.dashboards"), onClick: () => go(paths.dashboards) };
  if (query.data) return <Shown dashboard={query.data} back={back} />;
  return <Page title={t("nav.dashboards")} back={back}>{query.error ? <Loaded query={query}>{() => null}</Loaded> : <Skeleton rows={8} />}</Page>;
}

interface ShownProps {
  dashboard: Dashboard;
  back: { label: string; onClick: () => void };
}

function Shown({ dashboard, back }: ShownProps) {
  const { t } = useTranslation();
  const { may } = useSession();
  const [search, setSearch] = usePageSearch();
  const [adding, setAdding] = useState(false);
  const [annotations, setAnnotations] = useState(false);
  const wall = useWall();
  const notes = useDayNotes();
  const frame = useMemo(() => ({ notes, tile: true }), [notes]);
  const { change, pending } = useChanges(dashboard);
  const grabbed = useRef<number | null>(null);
  const scope = useMemo(() => scopeOf(dashboard, search), [dashboard, search]);
  const more = useMore(dashboard, change, () => setAnnotations(true), wall.enter);
  const writes = may("analyses.write") && !wall.on;
  const { tiles } = dashboard;
  const setTiles = (next: Tile[]) => change({ tiles: next.map(kept) }, next);
  const edit = (tile: Tile) => writes ? {
    change: (part: Partial<Pick<Tile, "title" | "width" | "show">>) => setTiles(tiles.map((one) => (one.id === tile.id ? { ...one, ...part } : one))),
    move: (by: number) => setTiles(moved(tiles, tile.id, tiles.indexOf(tile) + by)),
    remove: () => setTiles(tiles.filter((one) => one.id !== tile.id)),
    grab: () => { grabbed.current = tile.id; },
    drop: () => { if (grabbed.current !== null && grabbed.current !== tile.id) setTiles(moved(tiles, grabbed.current, tiles.indexOf(tile))); },
  } : undefined;
  const add = <Button type="primary" icon={<Plus size={15} />} onClick={() => setAdding(true)}>{t("dashboards.add_tile")}</Button>;
  return (
    <Page title={dashboard.name} description={dashboard.description || undefined} back={wall.on ? undefined : back} more={more} moreLabel={t("dashboards.menu")} primary={writes ? add : undefined} wide={wall.on}>
      {wall.on ? <ScopeLine scope={scope} /> : (
        <ScopeBar
          dashboard={dashboard}
          scope={scope}
          onChange={(next) => setSearch({ scope: isKept(dashboard, next) ? undefined : next })}
          onReset={() => setSearch({ scope: undefined })}
          onKeep={writes ? () => change(scope, undefined, () => setSearch({ scope: undefined })) : undefined}
          keeping={pending}
        />
      )}
      {tiles.length === 0 ? (
        <Empty icon={<LayoutDashboard size={28} strokeWidth={1.5} />} title={t("dashboards.no_tiles")} action={writes ? add : undefined}>{t("dashboards.no_tiles_text")}</Empty>
      ) : (
        <ChartFrameContext.Provider value={frame}>
          <div className="tiles">
            {tiles.map((tile) => <TileView key={tile.id} tile={tile} scope={scope} every={wall.every} edit={edit(tile)} onAnnotate={() => setAnnotations(true)} />)}
          </div>
        </ChartFrameContext.Provider>
      )}
      <AddTile dashboard={dashboard} open={adding} onClose={() => setAdding(false)} />
      <AnnotationsDrawer open={annotations} onClose={() => setAnnotations(false)} />
    </Page>
  );
}

/** Changes are kept at once. Tiles stand where they were put before the server says so, and go back if it does not. */
function useChanges(dashboard: Dashboard) {
  const client = useQueryClient();
  const toast = useToast();
  const write = useWrite((body: DashboardChange) => patch<Dashboard>(`/dashboards/${dashboard.id}`, body), ["/dashboards"]);
  const key = ["/dashboards", dashboard.id];
  const change = (body: DashboardChange, tiles?: Tile[], done?: () => void) => {
    if (tiles) client.setQueryData<Dashboard>(key, { ...dashboard, tiles });
    write.mutate(body, {
      onSuccess: (next) => {
        client.setQueryData(key, next);
        done?.();
      },
      onError: (error) => {
        client.setQueryData(key, dashboard);
        toast.failed(error);
      },
    });
  };
  return { change, pending: write.isPending };
}

function useMore(dashboard: Dashboard, change: (body: DashboardChange) => void, annotate: () => void, enterWall: () => void): MenuProps["items"] {
  const { t } = useTranslation();
  const go = useGo();
  const ask = useNameDialog();
  const confirm = useConfirm();
  const toast = useToast();
  const { may } = useSession();
  const drop = useWrite(() => remove(`/dashboards/${dashboard.id}`), ["/dashboards"]);
  const writes = may("analyses.write");
  const rename = () => ask({ title: t("app.rename"), label: t("app.name"), initial: dashboard.name, action: t("app.save"), run: async (name) => change({ name }) });
  const describe = () => ask({ title: t("dashboards.describe"), label: t("dashboards.describe_label"), initial: dashboard.description, action: t("app.save"), run: async (description) => change({ description }) });
  const askRemove = () =>
    confirm({
      title: t("dashboards.delete_title", { name: dashboard.name }),
      content: t("dashboards.delete_text"),
      action: t("app.delete"),
      danger: true,
      run: () => drop.mutateAsync(undefined).then(() => { toast.done(t("app.deleted")); go(paths.dashboards); }),
    });
  return [
    { key: "wall", label: t("dashboards.wall"), onClick: enterWall },
    { key: "annotate", label: t(writes ? "annotations.open" : "annotations.look"), onClick: annotate },
    ...(writes
      ? [
          { key: "rename", label: t("app.rename"), onClick: rename },
          { key: "describe", label: t("dashboards.describe"), onClick: describe },
          { type: "divider" as const },
          { key: "delete", label: t("app.delete"), danger: true, onClick: askRemove },
        ]
      : []),
  ];
}
