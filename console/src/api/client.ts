/** The one place that calls the server. */
import { ApiError, errorFromBody } from "./errors";

const BASE = "/api/v1";
const PROJECT_KEY = "siyu.project";

let csrfToken = "";

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

export function chosenProject(): number | null {
  const text = localStorage.getItem(PROJECT_KEY);
  return text === null ? null : Number(text);
}

export function chooseProject(id: number): void {
  localStorage.setItem(PROJECT_KEY, String(id));
}

export type QueryValue = string | number | boolean | null | undefined;

export interface CallOptions {
  query?: Record<string, QueryValue>;
  body?: unknown;
  signal?: AbortSignal;
}

export function get<T>(path: string, options: Omit<CallOptions, "body"> = {}): Promise<T> {
  return call<T>("GET", path, options);
}

export function post<T>(path: string, body: unknown = {}, options: CallOptions = {}): Promise<T> {
  return call<T>("POST", path, { ...options, body });
}

export function put<T>(path: string, body: unknown): Promise<T> {
  return call<T>("PUT", path, { body });
}

export function patch<T>(path: string, body: unknown): Promise<T> {
  return call<T>("PATCH", path, { body });
}

export function remove(path: string): Promise<void> {
  return call<void>("DELETE", path);
}

/** One piece of a file. */
export async function putPiece<T>(path: string, piece: Blob, range: string, signal: AbortSignal): Promise<T> {
  const response = await send("PUT", path, { body: piece, signal, range });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw errorFromBody(response.status, body);
  return body as T;
}

/** Fetches a file with our headers and hands it to the browser to keep. */
export async function download(path: string, name: string): Promise<void> {
  await keep(await send("GET", path, {}), name);
}

/** As `download`, of a file that is made of what is sent. */
export async function postDownload(path: string, body: unknown, name: string): Promise<void> {
  await keep(await send("POST", path, { body }), name);
}

async function keep(response: Response, name: string): Promise<void> {
  if (!response.ok) throw errorFromBody(response.status, await response.json().catch(() => null));
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const response = await send(method, path, options);
  if (response.status === 204) return undefined as T;
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw errorFromBody(response.status, body);
  return body as T;
}

async function send(method: string, path: string, { query, body, signal, range }: CallOptions & { range?: string }): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  const project = chosenProject();
  if (project !== null) headers["x-project"] = String(project);
  if (method !== "GET") headers["x-csrf-token"] = csrfToken;
  // A form names its own type, with its boundary.
  const isRaw = body instanceof FormData || body instanceof Blob;
  if (body instanceof Blob) headers["content-type"] = "application/octet-stream";
  if (range) headers["content-range"] = range;
  if (body !== undefined && !isRaw) headers["content-type"] = "application/json";
  try {
    return await fetch(BASE + path + queryString(query), {
      method,
      headers,
      body: body === undefined ? undefined : isRaw ? body : JSON.stringify(body),
      signal,
      credentials: "same-origin",
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError("unreachable", String(cause), 0);
  }
}

function queryString(query: Record<string, QueryValue> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
