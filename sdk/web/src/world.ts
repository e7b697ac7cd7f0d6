// Everything the SDK needs from the browser, in one place: tests bring their own.

/** What the page and its browser offer. */
export interface World {
  now(): number;
  /** Random bytes, for ids. */
  random(count: number): Uint8Array;
  /** Evenly from [0, 1), for spreading retries. */
  chance(): number;
  storage: Store | null;
  getCookie(name: string): string | null;
  setCookie(name: string, value: string, seconds: number): void;
  /** Rejects when the network fails. */
  post(url: string, body: string, leaving: boolean): Promise<Reply>;
  /** Hands a body to the browser to send after the page is gone. */
  beacon(url: string, body: string): boolean;
  after(millis: number, run: () => void): Timer;
  cancel(timer: Timer): void;
  page(): PageFacts;
  /** Tells of every change of address without a load. */
  onNavigate(run: () => void): void;
  /** Tells when the page is hidden or left. */
  onLeave(run: () => void): void;
  onOnline(run: () => void): void;
}

export interface Store {
  keys(): string[];
  get(key: string): string | null;
  /** False when it could not be kept: full, or forbidden. */
  set(key: string, value: string): boolean;
  remove(key: string): void;
}

export interface Reply {
  status: number;
  retryAfter: string | null;
}

export interface PageFacts {
  url: string;
  path: string;
  search: string;
  title: string;
  referrer: string;
  language: string;
  screenWidth: number;
  screenHeight: number;
  viewportWidth: number;
}

export type Timer = ReturnType<typeof setTimeout>;

/** The real browser. */
export function browser(): World {
  return {
    now: () => Date.now(),
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    chance: () => Math.random(),
    storage: localStore(),
    getCookie,
    setCookie,
    post,
    beacon: (url, body) => typeof navigator.sendBeacon === 'function' && navigator.sendBeacon(url, body),
    after: (millis, run) => setTimeout(run, millis),
    cancel: (timer) => clearTimeout(timer),
    page,
    onNavigate,
    onLeave: (run) => {
      addEventListener('pagehide', run);
      document.addEventListener('visibilitychange', () => {
        if (document.visibilityState === 'hidden') run();
      });
    },
    onOnline: (run) => addEventListener('online', run),
  };
}

function localStore(): Store | null {
  try {
    const storage = window.localStorage;
    storage.setItem('siyu.probe', '1');
    storage.removeItem('siyu.probe');
    return {
      keys: () => Object.keys(storage),
      get: (key) => storage.getItem(key),
      set: (key, value) => {
        try {
          storage.setItem(key, value);
          return true;
        } catch {
          return false;
        }
      },
      remove: (key) => storage.removeItem(key),
    };
  } catch {
    // Forbidden by the browser's settings: the queue then lives in memory.
    return null;
  }
}

function getCookie(name: string): string | null {
  const found = document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : null;
}

function setCookie(name: string, value: string, seconds: number): void {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `${name}=${encodeURIComponent(value)}; Max-Age=${seconds}; Path=/; SameSite=Lax${secure}`;
}

// Plain text keeps the request simple, so that no extra preflight is sent.
async function post(url: string, body: string, leaving: boolean): Promise<Reply> {
  const answer = await fetch(url, {
    method: 'POST',
    body,
    keepalive: leaving,
    credentials: 'omit',
    headers: { 'content-type': 'text/plain;charset=UTF-8' },
  });
  return { status: answer.status, retryAfter: answer.headers.get('retry-after') };
}

function page(): PageFacts {
  return {
    url: location.href,
    path: location.pathname,
    search: location.search,
    title: document.title,
    referrer: document.referrer,
    language: navigator.language,
    screenWidth: screen.width,
    screenHeight: screen.height,
    viewportWidth: innerWidth,
  };
}

function onNavigate(run: () => void): void {
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name];
    history[name] = function (this: History, ...values: Parameters<typeof original>) {
      original.apply(this, values);
      run();
    };
  }
  addEventListener('popstate', run);
}
