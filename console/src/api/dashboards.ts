/** Dashboards, annotations and tables of answers; the assertions in `types.ts` hold them to the description. */
import type { AnalysisQuery, AnswerAbout } from "./analyses";
import type { components } from "./schema";
import type { DateRange } from "./types";

type S = components["schemas"];

export type TileWidth = S["DashboardWidth"];
export type TileShow = S["DashboardShow"];

/** What a tile asks: a saved analysis, or a question of its own. */
export type TileAsks = { kind: "analysis"; analysis: number } | { kind: "question"; query: AnalysisQuery; identity_as_of?: string };

export interface NewTile {
  /** Given to new ones by the server. */
  id?: number;
  title?: string;
  width?: TileWidth;
  show?: TileShow;
  asks: TileAsks;
}

export type Tile = Omit<S["DashboardTileView"], "asks" | "question"> & {
  asks: TileAsks;
  /** As it is now; null where the saved analysis has been removed. */
  question: { query: AnalysisQuery; identity_as_of?: string | null; name?: string | null } | null;
};

export type Dashboard = Omit<S["Dashboard"], "tiles" | "range"> & { tiles: Tile[]; range: DateRange | null };
export type DashboardItem = S["DashboardItem"];

export interface DashboardChange {
  name?: string;
  description?: string;
  tiles?: NewTile[];
  range?: DateRange | null;
  segment?: number | null;
}

export type Annotation = S["Annotation"];

export type TableColumn = S["TableColumn"];
export interface AnalysisTable {
  columns: TableColumn[];
  rows: (string | number | null)[][];
  as_of: string;
  about: AnswerAbout;
}
