// The running siyu that the tests talk to, and the browser they use.
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const CHROMIUM_WORDS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests with cargo xtask test --only clients`);
  return value;
}

/** The server that all simple tests share. */
const shared = () => ({
  url: required('SIYU_URL'),
  email: required('SIYU_EMAIL'),
  password: required('SIYU_PASSWORD'),
});

/** Signs in and answers with functions that call the API. */
export async function signIn({ url, email, password } = shared()) {
  const answer = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (!answer.ok) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { csrf_token: token } = await answer.json();
  const headers = { cookie, 'x-csrf-token': token, 'content-type': 'application/json' };
  const call = async (method, path, body) => {
    const reply = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    return reply.status === 204 ? null : reply.json();
  };
  return { url, get: (path) => call('GET', path), post: (path, body) => call('POST', path, body) };
}

/** A new write key, as a person would make one in the console. */
export async function writeKey(api, name) {
  const { secret } = await api.post('/keys', { name, kind: 'write' });
  return secret;
}

/** The newest events with a name, once at least `count` of them are there. */
export async function events(api, name, count = 1) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const { items } = await api.get(`/events/live?event=${encodeURIComponent(name)}`);
    if (items.length >= count || Date.now() > deadline) return items;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The one person with this identifier. */
export async function person(api, value) {
  const { items } = await api.get(`/people?query=${encodeURIComponent(value)}`);
  if (items.length !== 1) throw new Error(`${items.length} people have ${value}`);
  return api.get(`/people/${items[0].person}`);
}

/** A page of a shop on another origin. `scripts` gives the text of a script by its path. */
export async function openShop(scripts) {
  const shop = createServer((request, response) => {
    const script = scripts(new URL(request.url, 'http://shop').pathname);
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html;charset=utf-8');
    response.end(script ?? '<!doctype html><title>商店</title><body></body>');
  });
  await new Promise((resolve) => shop.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({ executablePath: required('CHROMIUM'), args: CHROMIUM_WORDS });
  const close = async () => {
    await browser.close();
    shop.closeAllConnections();
    shop.close();
  };
  return { page: await browser.newPage(), url: `http://127.0.0.1:${shop.address().port}`, close };
}

/** A page that holds only the given script files, and in which nothing goes wrong.
 * `use` gets the page and the shop's address. */
export async function shopPage(files, use) {
  const { page, url, close } = await openShop((path) => files[path]);
  try {
    const problems = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('requestfailed', (request) => problems.push(`${request.url()}: ${request.failure()?.errorText}`));
    await use(page, url);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  } finally {
    await close();
  }
}
