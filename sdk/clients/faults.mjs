// A proxy between a client and siyu that does what networks and overloaded servers do.
import { createServer } from 'node:http';

/** What a proxy can do with a request: hand it on, cut the connection, answer 503 as an
 * overloaded siyu does, or hand it on twice as a retry whose first answer was lost. */
export const WAYS = ['pass', 'cut', 'busy', 'twice'];

const PERMIT = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' };

export async function faultyProxy(target) {
  const state = { way: 'pass', tried: 0 };

  async function forward(request, body) {
    const headers = { ...request.headers, 'x-forwarded-host': request.headers.host };
    for (const name of ['host', 'connection', 'content-length', 'transfer-encoding', 'expect']) delete headers[name];
    const bare = request.method === 'GET' || request.method === 'HEAD';
    return fetch(target + request.url, { method: request.method, headers, body: bare ? undefined : body });
  }

  async function handle(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const preflight = request.method === 'OPTIONS';
    if (!preflight) state.tried += 1;
    if (state.way === 'cut') return request.socket.destroy();
    if (state.way === 'busy' && !preflight) return response.writeHead(503, PERMIT).end();
    if (state.way === 'twice' && !preflight) await (await forward(request, body)).arrayBuffer();
    const reply = await forward(request, body);
    const headers = Object.fromEntries(reply.headers);
    for (const name of ['connection', 'transfer-encoding', 'content-length', 'content-encoding']) delete headers[name];
    response.writeHead(reply.status, headers).end(Buffer.from(await reply.arrayBuffer()));
  }

  const server = createServer((request, response) => {
    // A siyu that was killed looks to the client as it would without a proxy.
    handle(request, response).catch(() => request.socket.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    set way(way) {
      state.way = way;
    },
    get tried() {
      return state.tried;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
