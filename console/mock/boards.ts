/** Dashboards, annotations and tables of answers, from memory. */
import type { Annotation, DashboardItem } from "../src/api/types";
import * as data from "./data.ts";
import type { Answer, Call } from "./server.ts";

const TREND = { kind: "trend", series: [{ event: "order_paid", filters: [], measure: { kind: "people" } }], range: { kind: "last_days", days: 30 }, interval: "day" };
const MONEY = { ...TREND, series: [{ event: "order_paid", filters: [], measure: { kind: "sum", property: "amount_minor" } }], compare: "previous" };

interface Tile {
  id: number;
  asks: { kind: string; analysis?: number; query?: unknown };
  title?: string;
  width?: string;
  show?: string;
}
interface Board extends Omit<DashboardItem, "tiles"> {
  tiles: Tile[];
  range: unknown;
  segment: number | null;
}

const own = (id: number, title: string, query: unknown, width: string, show: string): Tile => ({ id, title, width, show, asks: { kind: "question", query } });
const boards: Board[] = [
  {
    id: 1, name: "早会看板", description: "每天 9:30，运营一起看", range: null, segment: null, created_by: "user:1", created_at: data.at(0), updated_at: data.at(0),
    tiles: [
      own(1, "支付金额", MONEY, "third", "number"), own(2, "支付人数", TREND, "third", "number"), { id: 3, width: "third", show: "number", asks: { kind: "analysis", analysis: 2 } },
      { id: 4, width: "half", show: "chart", asks: { kind: "analysis", analysis: 1 } }, { id: 5, width: "half", show: "chart", asks: { kind: "analysis", analysis: 2 } },
      own(6, "每日支付金额", MONEY, "full", "chart"), own(7, "明细", TREND, "half", "table"), { id: 8, width: "half", show: "chart", asks: { kind: "analysis", analysis: 99 } },
    ],
  },
];
const annotations: Annotation[] = [
  { id: 1, day: data.dayText(Date.now() - 15 * 86_400_000), note: "双11 大促", created_by: "user:1", created_at: data.at(0), updated_at: data.at(0) },
  { id: 2, day: data.dayText(Date.now() - 6 * 86_400_000), note: "短信通道故障，10:20–11:05 未送达", created_by: "user:1", created_at: data.at(0), updated_at: data.at(0) },
];

const ok = (body: unknown): Answer => ({ status: 200, body });

function question(tile: Tile) {
  const saved = data.analyses.find((one) => one.id === tile.asks.analysis);
  if (tile.asks.kind === "question") return { query: tile.asks.query, identity_as_of: null, name: null };
  return saved ? { query: saved.query, identity_as_of: null, name: saved.name } : null;
}

function view(board: Board) {
  return { ...board, tiles: board.tiles.map((tile, at) => ({ ...tile, id: tile.id || 100 + at, title: tile.title ?? "", width: tile.width ?? "half", show: tile.show ?? "chart", question: question(tile) })) };
}

function changed(list: { id: number }[], call: Call, id: number, made: (body: Record<string, unknown>) => object): unknown {
  if (call.method === "POST") list.push({ id: Date.now() % 1_000_000, created_by: "user:1", created_at: data.at(0), updated_at: data.at(0), ...made(call.body) } as { id: number });
  const at = call.method === "POST" ? list.length - 1 : list.findIndex((one) => one.id === id);
  if (call.method === "DELETE") return list.splice(at, 1);
  if (call.method === "PATCH") Object.assign(list[at] ?? {}, call.body);
  return list[at];
}

export function boardsOf(call: Call, rest: string[]): Answer {
  const [id, tiles] = rest;
  if (tiles) boards.find((one) => one.id === Number(id))?.tiles.push(call.body as unknown as Tile);
  if (id === undefined && call.method === "GET") return ok({ items: boards.map((board) => ({ ...board, tiles: board.tiles.length })), next_cursor: null, total: boards.length });
  const board = tiles ? boards.find((one) => one.id === Number(id)) : (changed(boards, call, Number(id), (body) => ({ description: "", tiles: [], range: null, segment: null, ...body })) as Board | undefined);
  if (!board) return { status: 404, body: { error: { code: "not_found", message: "", params: { what: "dashboard", id: id ?? "" } } } };
  return call.method === "DELETE" ? { status: 204, body: null } : ok(view(board));
}

export function annotationsOf(call: Call, rest: string[]): Answer {
  if (call.method === "GET") return ok({ items: annotations.toSorted((a, b) => b.day.localeCompare(a.day)), next_cursor: null, total: annotations.length });
  return { status: call.method === "DELETE" ? 204 : 200, body: changed(annotations, call, Number(rest[0]), (body) => body) };
}

export function table(): Answer {
  const rows = Array.from({ length: 30 }, (_, day) => [data.dayText(Date.now() - (29 - day) * 86_400_000), 1_800 + ((day * 977) % 1_200), day < 29 ? "是" : "否"]);
  return ok({ columns: [{ title: "日期", kind: "text" }, { title: "支付订单", kind: "number" }, { title: "已结束", kind: "text" }], rows: [...rows, ["合计", 48_102, null]], as_of: data.at(0), about: { complete: false, exact: true, zone: "Asia/Shanghai", events_read: 1_204_120, took_micros: 18_000 } });
}
