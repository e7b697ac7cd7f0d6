/** Puts the mock API in front of the development and preview servers. Never part of a build. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Connect, Plugin } from "vite";
import { answer } from "./server.ts";

const BASE = "/api/v1";

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  if (!request.headers["content-type"]?.includes("json") || text === "") return {};
  return JSON.parse(text) as Record<string, unknown>;
}

function handle(request: IncomingMessage, response: ServerResponse, next: Connect.NextFunction): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (!url.pathname.startsWith(BASE)) return next();
  void bodyOf(request).then((body) => {
    const { status, body: payload } = answer({ method: request.method ?? "GET", path: url.pathname.slice(BASE.length), query: url.searchParams, body });
    response.writeHead(status, { "content-type": "application/json" });
    response.end(status === 204 ? undefined : JSON.stringify(payload));
  });
}

export function mockPlugin(): Plugin {
  return {
    name: "siyu-mock-api",
    configureServer: (server) => void server.middlewares.use(handle),
    configurePreviewServer: (server) => void server.middlewares.use(handle),
  };
}
