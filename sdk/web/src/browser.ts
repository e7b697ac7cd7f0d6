// The real browser, and the absence of one.

import { leased } from './lock';
import { uuid } from './message';
import { DATABASE, databaseShelf, OPEN_MILLIS_MAX } from './shelf';
import type { PageFacts, Reply, Shelf, Store, World } from './world';

const REQUEST_MILLIS_MAX = 30_000;
const LOCK_MILLIS_MAX = 40_000;
const PROBE = 'siyu_probe';

/** Where there is no page: nothing is collected, and every call is harmless. */
export function nowhere(): World {
  const nothing = (): void => undefined;
  return {
    alive: false,
    now: () => Date.now(),
    tick: () => 0,
    random: (count) => new Uint8Array(count),
    chance: () => 0,
    storage: null,
    openShelf: async () => null,
    deleteShelf: nothing,
    tell: nothing,
    onTold: nothing,
    domain: () => '',
    exclusive: async () => undefined,
    getCookie: () => null,
    setCookie: nothing,
    post: async () => Promise.reject(new Error('there is no page')),
    beacon: () => false,
    gzip: () => null,
    online: () => false,
    after: (millis, run) => setTimeout(run, millis),
    cancel: clearTimeout,
    page: () => ({
      url: '', path: '', search: '', hash: '', host: '', title: '', referrer: '', language: '', userAgent: '',
      screenWidth: 0, screenHeight: 0, viewportWidth: 0, gpc: false, dnt: false,
    }),
    replaceAddress: nothing,
    onNavigate: nothing,
    onLeave: nothing,
    onOnline: nothing,
    onLink: nothing,
    log: nothing,
  };
}

export function browser(cookieDomain?: string): World {
  if (typeof window === 'undefined' || typeof document === 'undefined') return nowhere();
  const storage = localStore();
  const now = (): number => Date.now();
  const random = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));
  const chance = (): number => Math.random();
  const after: World['after'] = (millis, run) => setTimeout(run, millis);
  const cancel: World['cancel'] = (timer) => clearTimeout(timer);
  const owner = uuid(random);
  let channel: BroadcastChannel | null = null;
  let widest: string | null = null;
  const domain = (): string => (widest ??= cookieDomain ?? widestDomain());
  return {
    alive: true,
    now,
    tick: () => performance.now(),
    random,
    chance,
    storage,
    openShelf: () => openShelf(after),
    deleteShelf,
    tell: (words) => channel?.postMessage(words),
    onTold: (run) => {
      if (typeof BroadcastChannel !== 'function') return;
      const open = (): void => {
        channel ??= new BroadcastChannel('siyu');
        channel.onmessage = ({ data }) => Array.isArray(data) && run(data);
      };
      open();
      // An open channel may keep a page out of the back-forward cache.
      addEventListener('pagehide', () => {
        channel?.close();
        channel = null;
      });
      addEventListener('pageshow', open);
    },
    domain,
    exclusive: (run) => {
      if (navigator.locks) return locked(run, after);
      return storage ? leased(storage, { now, chance, after, cancel }, owner, run) : run();
    },
    getCookie,
    setCookie: (name, value, seconds) => {
      // One of the same name for this host alone would hide the wider one.
      if (domain()) writeCookie(name, '', 0, '');
      writeCookie(name, value, seconds, domain());
    },
    post,
    beacon: (url, body) => typeof navigator.sendBeacon === 'function' && navigator.sendBeacon(url, body),
    gzip,
    online: () => navigator.onLine !== false,
    after,
    cancel,
    page,
    replaceAddress: (url) => {
      try {
        history.replaceState(history.state, '', url);
      } catch {
        // A page in a sandbox may not; the parameter stays visible.
      }
    },
    onNavigate,
    onLeave,
    onOnline: (run) => addEventListener('online', run),
    onLink,
    log: (words, bad) => console[bad ? 'warn' : 'log']('[siyu]', ...words),
  };
}

function openShelf(after: World['after']): Promise<Shelf | null> {
  return new Promise((resolve) => {
    try {
      after(OPEN_MILLIS_MAX, () => resolve(null));
      databaseShelf(indexedDB).then(resolve, () => resolve(null));
    } catch {
      // Private windows of some browsers throw at the mere name.
      resolve(null);
    }
  });
}

function deleteShelf(): void {
  try {
    indexedDB.deleteDatabase(DATABASE);
  } catch {
    // Where it is forbidden there is none.
  }
}

function locked(run: () => Promise<void>, after: World['after']): Promise<void> {
  const patience = new AbortController();
  const timer = after(LOCK_MILLIS_MAX, () => patience.abort());
  const held = navigator.locks.request('siyu.send', { signal: patience.signal }, async () => {
    clearTimeout(timer);
    await run();
  });
  return held.then(() => undefined);
}

function localStore(): Store | null {
  try {
    const storage = window.localStorage;
    storage.setItem(PROBE, '1');
    storage.removeItem(PROBE);
    const quietly = <T>(run: () => T, otherwise: T): T => {
      try {
        return run();
      } catch {
        return otherwise;
      }
    };
    return {
      keys: () => quietly(() => Object.keys(storage), []),
      get: (key) => quietly(() => storage.getItem(key), null),
      set: (key, value) =>
        quietly(() => {
          storage.setItem(key, value);
          return true;
        }, false),
      remove: (key) => quietly(() => storage.removeItem(key), undefined),
    };
  } catch {
    // Forbidden by the browser's settings: the queue then lives in memory.
    return null;
  }
}

function getCookie(name: string): string | null {
  try {
    const found = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`));
    return found ? decodeURIComponent(found.slice(name.length + 1)) : null;
  } catch {
    return null;
  }
}

function writeCookie(name: string, value: string, seconds: number, domain: string): void {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  const where = domain ? `; Domain=${domain}` : '';
  try {
    document.cookie = `${name}=${encodeURIComponent(value)}; Max-Age=${seconds}; Path=/; SameSite=Lax${where}${secure}`;
  } catch {
    // A sandboxed page has no cookies.
  }
}

/** The registrable domain: the shortest end of the host for which the browser keeps
 * a cookie. It refuses those under which anybody may register. */
function widestDomain(): string {
  const labels = location.hostname.split('.');
  if (/^[\d.]+$|:/.test(location.hostname)) return '';
  for (let count = 2; count <= labels.length; count++) {
    const domain = labels.slice(-count).join('.');
    writeCookie(PROBE, '1', 10, domain);
    if (getCookie(PROBE) === null) continue;
    writeCookie(PROBE, '', 0, domain);
    return domain;
  }
  return '';
}

// Plain text keeps the request simple, so that no preflight is sent; the server
// knows gzip by its first bytes.
async function post(url: string, body: Uint8Array | string, keepalive: boolean): Promise<Reply> {
  const patience = typeof AbortController === 'function' ? new AbortController() : null;
  const timer = setTimeout(() => patience?.abort(), REQUEST_MILLIS_MAX);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body: body as BodyInit,
      keepalive,
      credentials: 'omit',
      headers: { 'content-type': 'text/plain;charset=UTF-8' },
      ...(patience ? { signal: patience.signal } : {}),
    });
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: await answer.text() };
  } finally {
    clearTimeout(timer);
  }
}

function gzip(text: string): Promise<Uint8Array> | null {
  if (typeof CompressionStream !== 'function') return null;
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Response(packed).arrayBuffer().then((bytes) => new Uint8Array(bytes));
}

function page(): PageFacts {
  const asked = navigator as Navigator & { globalPrivacyControl?: boolean };
  return {
    url: location.href,
    path: location.pathname,
    search: location.search,
    hash: location.hash,
    host: location.hostname,
    title: document.title,
    referrer: document.referrer,
    language: navigator.language,
    userAgent: navigator.userAgent,
    screenWidth: screen.width,
    screenHeight: screen.height,
    viewportWidth: innerWidth,
    gpc: asked.globalPrivacyControl === true,
    dnt: navigator.doNotTrack === '1',
  };
}

const navigated: (() => void)[] = [];

function onNavigate(run: () => void): void {
  navigated.push(run);
  if (navigated.length > 1) return;
  const tell = (): void => navigated.forEach((one) => one());
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name];
    history[name] = function (this: History, ...values: Parameters<typeof original>) {
      original.apply(this, values);
      tell();
    };
  }
  addEventListener('popstate', tell);
  addEventListener('hashchange', tell);
}

/** `pagehide` and `visibilitychange`; `unload` would keep pages out of the browser's
 * back-forward cache. WeChat's browser may close without either, so there the
 * question whether to leave counts too. */
function onLeave(run: (gone: boolean) => void): void {
  addEventListener('pagehide', () => run(true));
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') run(false);
  });
  if (/micromessenger/i.test(navigator.userAgent)) addEventListener('beforeunload', () => run(false));
}

/** Before a link is followed, by mouse, key or touch. */
function onLink(run: (link: { href: string }) => void): void {
  for (const name of ['click', 'auxclick']) {
    document.addEventListener(
      name,
      (event) => {
        const link = (event.target as Element | null)?.closest?.('a[href]');
        if (link instanceof HTMLAnchorElement) run(link);
      },
      true,
    );
  }
}
