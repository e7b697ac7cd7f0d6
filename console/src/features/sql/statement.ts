/** What can be seen of a statement without asking the server: its parameters, and what may come next. Pure. */
import type { SqlSchema } from "../../api/types";

/** A text without its strings, quoted names and comments, which are blanked; places stay. */
export function bare(text: string): string {
  return text.replace(/'(?:[^']|'')*'?|"(?:[^"]|"")*"?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (found) => " ".repeat(found.length));
}

/** The names of `$parameters`, in the order they first stand. */
export function paramsOf(text: string): string[] {
  return [...new Set([...bare(text).matchAll(/\$([A-Za-z_]\w*)/g)].map((match) => match[1] ?? ""))];
}

/** A name as a statement may write it: quoted unless it is plain. */
export function quoted(name: string): string {
  return /^[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*$/.test(name) && !RESERVED.has(name.toLowerCase()) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Words that would be read as something else. */
const RESERVED = new Set(["all", "and", "any", "as", "asc", "between", "by", "case", "cross", "desc", "distinct", "else", "end", "except", "exists", "false", "for", "from", "full", "group", "having", "in", "inner", "intersect", "into", "is", "join", "left", "like", "limit", "natural", "not", "null", "offset", "on", "or", "order", "outer", "over", "partition", "right", "select", "set", "table", "then", "true", "union", "unnest", "user", "using", "values", "when", "where", "window", "with"]);

export interface Suggestion {
  label: string;
  /** What is put in, where it differs. */
  apply?: string;
  kind: "table" | "column" | "event" | "function" | "keyword";
  detail?: string;
}

const KEYWORDS = ["select", "from", "where", "group by", "order by", "having", "limit", "offset", "join", "left join", "on", "as", "and", "or", "not", "in", "is null", "is not null", "between", "like", "ilike", "case", "when", "then", "else", "end", "distinct", "union all", "with", "over", "partition by", "interval", "cast", "asc", "desc", "filter"];

/** Tables that a statement names after FROM and JOIN, by what it calls them. */
function named(text: string, schema: SqlSchema): Map<string, SqlSchema["tables"][number]> {
  const found = new Map<string, SqlSchema["tables"][number]>();
  for (const match of bare(text).matchAll(/\b(?:from|join)\s+(\w+)(?:\s+(?:as\s+)?(\w+))?|,\s*(\w+)\s+(?:as\s+)?(\w+)/gi)) {
    const name = match[1] ?? match[3] ?? "";
    const table = schema.tables.find((known) => known.name === name.toLowerCase());
    if (!table) continue;
    found.set(name, table);
    const alias = match[2] ?? match[4];
    if (alias !== undefined && !RESERVED.has(alias.toLowerCase())) found.set(alias, table);
  }
  return found;
}

const column = (item: SqlSchema["tables"][number]["columns"][number]): Suggestion => ({ label: item.name, apply: quoted(item.name), kind: "column", detail: item.type });

/** What may stand at a place of a statement, and where it begins. */
export function suggest(text: string, at: number, schema: SqlSchema): { from: number; options: Suggestion[] } | null {
  const before = text.slice(0, at);
  const tables = named(text, schema);
  // A value of the column that names events.
  const event = /\bevent\s*(?:=|<>|!=|in\s*\((?:\s*'[^']*'\s*,)*)\s*'([^']*)$/i.exec(before);
  if (event) return { from: at - (event[1]?.length ?? 0), options: schema.events.map((name) => ({ label: name, apply: name.replaceAll("'", "''"), kind: "event" })) };
  if (inside(before)) return null;
  const dotted = /(\w+)\.("?)([\w$\u4e00-\u9fff]*)$/.exec(before);
  if (dotted) {
    const table = tables.get(dotted[1] ?? "");
    return table ? { from: at - (dotted[3]?.length ?? 0) - (dotted[2]?.length ?? 0), options: table.columns.map(column) } : null;
  }
  const word = /[\w$\u4e00-\u9fff]*$/.exec(before)?.[0] ?? "";
  const from = at - word.length;
  const all: Suggestion[] = schema.tables.map((table) => ({ label: table.name, kind: "table" }));
  if (/\b(?:from|join)\s+\w*$/i.test(before)) return { from, options: all };
  if (word === "") return null;
  const columns = new Map([...tables.values()].flatMap((table) => table.columns).map((item) => [item.name, column(item)]));
  const functions: Suggestion[] = schema.functions.map((name) => ({ label: name, kind: "function" }));
  const keywords: Suggestion[] = KEYWORDS.map((name) => ({ label: name, kind: "keyword" }));
  return { from, options: [...columns.values(), ...all, ...keywords, ...functions] };
}

/** Whether a text ends within a string or a comment. */
function inside(before: string): boolean {
  const rest = before.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*\n|\/\*[\s\S]*?\*\//g, "");
  return /'[^']*$|--[^\n]*$|\/\*[\s\S]*$/.test(rest);
}

/** The value of a parameter as it is sent; `undefined`: what was written is none. */
export function paramValue(kind: "text" | "number" | "bool" | "date", written: string): string | number | boolean | null | undefined {
  const text = written.trim();
  if (kind === "text") return written;
  if (text === "") return null;
  if (kind === "bool") return text === "true" ? true : text === "false" ? false : undefined;
  if (kind === "date") return /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}
