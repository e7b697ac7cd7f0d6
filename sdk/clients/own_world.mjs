// A shop with our web SDK in a real browser, and a door between it and siyu that a test
// can open, close, and let lose answers.
import { createServer } from 'node:http';
import { readdirSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const DIST = new URL('../web/dist/', import.meta.url);
const LINE = readFileSync(new URL('../web/stub.js', import.meta.url), 'utf8').trim();
const WORDS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  // Hosts under .test are pages of our shop.
  '--host-resolver-rules=MAP *.test 127.0.0.1',
];
const LOOK_MILLIS = 50;
const WAIT_MILLIS = 20_000;

function listen(handle) {
  const server = createServer(handle);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        close: () => {
          server.closeAllConnections();
          server.close();
        },
      }),
    );
  });
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A way to siyu. `ways` decide one request each, then `way` decides: `pass`, `cut`
 * (never arrives), `unheard` (arrives, the answer does not), `hold` (arrives; the answer
 * waits for `release`), or a status with headers and body. */
export async function doorTo(target) {
  const door = { way: 'pass', ways: [], requests: [], holding: [] };
  const { url, close } = await listen(async (request, response) => {
    const body = await bodyOf(request);
    const way = request.method === 'POST' ? (door.ways.shift() ?? door.way) : 'pass';
    const entry = { way, body, type: request.headers['content-type'], arrived: false };
    if (request.method === 'POST') door.requests.push(entry);
    if (way === 'cut') return request.socket.destroy();
    if (typeof way === 'object') return void response.writeHead(way.status, way.headers ?? {}).end(way.body ?? '');
    const { host, connection, ...headers } = request.headers;
    const answer = await fetch(target + request.url, {
      method: request.method,
      headers,
      body: request.method === 'POST' ? body : undefined,
    });
    const text = await answer.text();
    entry.arrived = true;
    if (way === 'unheard') return request.socket.destroy();
    if (way === 'hold') await new Promise((resolve) => door.holding.push(resolve));
    response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(([name]) => !/length|encoding|connection/.test(name))));
    response.end(text);
  });
  return Object.assign(door, { url, close, release: () => door.holding.splice(0).forEach((open) => open()) });
}

/** Waits until `look` gives something true. */
export async function until(look, what) {
  const deadline = Date.now() + WAIT_MILLIS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLIS));
  }
}

/** A shop that serves the SDK and the pages given, by path. `use` gets a browser
 * context, in which pages are tabs, and the shop's address. */
export async function shop(pages, use, context = {}) {
  const files = Object.fromEntries(
    readdirSync(DIST).filter((name) => name.endsWith('js')).map((name) => [`/${name}`, readFileSync(new URL(name, DIST))]),
  );
  const { url, close } = await listen((request, response) => {
    const { pathname } = new URL(request.url, 'http://shop');
    const script = files[pathname];
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html;charset=utf-8');
    response.end(script ?? pages[pathname] ?? pages['*'] ?? '<!doctype html><title>商店</title><body></body>');
  });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: WORDS });
  try {
    const tabs = await browser.newContext(context);
    const problems = [];
    tabs.on('weberror', (error) => problems.push(String(error.error())));
    await use(tabs, url);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  } finally {
    await browser.close();
    close();
  }
}

/** A page with the SDK on it, as a shop would write it. */
export function withSiyu(key, url, { attributes = '', body = '', script = '' } = {}) {
  return `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>商店</title>
    <script>${LINE}</script>
    <script async src="/siyu.js" data-key="${key}" data-url="${url}" ${attributes}></script></head><body>${body}<script>${script}</script></body></html>`;
}

/** Everything the page has not yet heard the server confirm. */
export function waiting(page) {
  return page.evaluate(async () => {
    const names = Object.keys(localStorage).filter((name) => name.startsWith('siyu.queue.'));
    const known = await indexedDB.databases();
    if (!known.some((one) => one.name === 'siyu')) return names;
    const database = await new Promise((resolve, reject) => {
      const opening = indexedDB.open('siyu', 1);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const keys = await new Promise((resolve) => {
      const asking = database.transaction('queue').objectStore('queue').getAllKeys();
      asking.onsuccess = () => resolve(asking.result);
    });
    database.close();
    return [...names, ...keys];
  });
}
