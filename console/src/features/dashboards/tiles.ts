/** Rules of dashboards: what a tile asks under a scope, and the order of tiles. */
import type { AnalysisQuery, Dashboard, DateRange, NewTile, Tile } from "../../api/types";
import type { Search } from "../../paths";

/** Days and segment that take the place of those of the tiles; null is each tile's own. */
export interface Scope {
  range: DateRange | null;
  segment: number | null;
}

/** What is looked at: as the address says, or as the dashboard is kept. */
export function scopeOf(dashboard: Dashboard, search: Search): Scope {
  return search.scope ?? { range: dashboard.range, segment: dashboard.segment ?? null };
}

export function isKept(dashboard: Dashboard, scope: Scope): boolean {
  return JSON.stringify(scope.range) === JSON.stringify(dashboard.range) && scope.segment === (dashboard.segment ?? null);
}

export function scoped(query: AnalysisQuery, scope: Scope): AnalysisQuery {
  return { ...query, range: scope.range ?? query.range, segment: scope.segment ?? query.segment ?? undefined };
}

/** As it is sent to be kept. */
export function kept(tile: Tile): NewTile {
  return { id: tile.id, title: tile.title, width: tile.width, show: tile.show, asks: tile.asks };
}

/** With the tile at another place; places beyond the ends are the ends. */
export function moved(tiles: Tile[], id: number, to: number): Tile[] {
  const from = tiles.findIndex((tile) => tile.id === id);
  const tile = tiles[from];
  if (!tile) return tiles;
  const rest = tiles.toSpliced(from, 1);
  return rest.toSpliced(Math.max(0, Math.min(to, rest.length)), 0, tile);
}
