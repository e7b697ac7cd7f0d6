// A browser for tests: time, chance, storage and network are in the test's hands.
import type { Entry, PageFacts, Reply, Shelf, Store, Timer, World } from '../src/world';

export interface Request {
  url: string;
  body: { batch: Record<string, unknown>[]; sent_at: number };
  keepalive: boolean;
}

/** `network`: never arrived. `unheard`: arrived, but the answer did not. */
export type Fate = Reply | 'network' | 'unheard';

/** What all pages of one browser share. */
export class Disk {
  time = Date.UTC(2026, 10, 21, 6, 5, 0);
  ticks = 0;
  entries = new Map<string, string>();
  cookies = new Map<string, string>();
  shelf = new Map<string, string>();
  timers: { at: number; run: () => void; page: FakeWorld }[] = [];
  drawn = 0;
  lock: Promise<void> = Promise.resolve();
  pages: FakeWorld[] = [];
}

const never = new Promise<never>(() => undefined);

export function ok(request: Pick<Request, 'body'>): Reply {
  return reply(200, { accepted: request.body.batch.length, rejected: [] });
}

export function reply(status: number, body: unknown = '', retryAfter: string | null = null): Reply {
  return { status, retryAfter, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** An answer of siyu itself, in its envelope. */
export function failure(status: number, code: string, params: Record<string, string> = {}): Reply {
  return reply(status, { error: { code, message: '', params, request_id: 'r' } });
}

export class FakeWorld implements World {
  alive = true;
  requests: Request[] = [];
  beacons: string[] = [];
  logs: unknown[][] = [];
  /** What the next requests get; an empty list answers 200. */
  replies: Fate[] = [];
  /** Decides where `replies` does not. */
  server: (request: Request) => Fate | Promise<Fate> = ok;
  connected = true;
  /** How the database behaves. */
  database: 'works' | 'missing' | 'refuses' | 'forgets nothing' | 'slow' = 'works';
  storage: Store | null;
  storageFull = false;
  facts: PageFacts = {
    url: 'https://shop.example/?utm_source=wechat&utm_campaign=spring',
    path: '/',
    search: '?utm_source=wechat&utm_campaign=spring',
    hash: '',
    host: 'shop.example',
    title: '首页',
    referrer: 'https://weixin.example/',
    language: 'zh-CN',
    userAgent: 'Mozilla/5.0 Test',
    screenWidth: 1280,
    screenHeight: 800,
    viewportWidth: 1280,
    gpc: false,
    dnt: false,
  };
  private ears: ((words: string[]) => void)[] = [];
  private dead = false;
  private die: () => void = () => undefined;
  private death: Promise<void>;
  private listeners: Record<'navigate' | 'leave' | 'online', (() => void)[]> = { navigate: [], leave: [], online: [] };
  links: ((link: { href: string }) => void)[] = [];

  constructor(readonly disk = new Disk()) {
    this.death = new Promise((resolve) => (this.die = resolve));
    disk.pages.push(this);
    const { entries } = disk;
    this.storage = {
      keys: () => [...entries.keys()],
      get: (key) => entries.get(key) ?? null,
      set: (key, value) => {
        if (this.dead || this.storageFull) return false;
        entries.set(key, value);
        return true;
      },
      remove: (key) => void (this.dead || entries.delete(key)),
    };
  }

  get time(): number {
    return this.disk.time;
  }

  set time(time: number) {
    this.disk.ticks += Math.max(0, time - this.disk.time);
    this.disk.time = time;
  }

  now = () => this.disk.time;
  tick = () => this.disk.ticks;
  /** Not random: the same ids in every run, never the same twice. */
  random = (count: number) => {
    const drawn = (this.disk.drawn += 1);
    return Uint8Array.from({ length: count }, (_, index) => (index < 4 ? drawn >> (8 * (3 - index)) : drawn * 31 + index * 7) & 0xff);
  };
  chance = () => 0.5;

  openShelf = async (): Promise<Shelf | null> => {
    if (this.database === 'missing') return null;
    const { shelf } = this.disk;
    const step = async (): Promise<void> => {
      await Promise.resolve();
      if (this.database === 'slow') await new Promise<void>((resolve) => void this.after(100, resolve));
      if (this.dead) await never;
      if (this.database === 'refuses') throw new Error('quota');
    };
    return {
      all: async () => {
        await step();
        return [...shelf].map(([key, text]): Entry => ({ key, text }));
      },
      put: async (entries) => {
        await step();
        entries.forEach(({ key, text }) => shelf.set(key, text));
      },
      remove: async (keys) => {
        await step();
        if (this.database === 'forgets nothing') throw new Error('broken');
        keys.forEach((key) => shelf.delete(key));
      },
    };
  };
  deleteShelf = () => this.disk.shelf.clear();

  exclusive = (run: () => Promise<void>): Promise<void> => {
    const turn = this.disk.lock.then(async () => {
      if (!this.dead) await Promise.race([run(), this.death]);
    });
    this.disk.lock = turn.catch(() => undefined);
    return turn;
  };

  tell = (words: string[]) => {
    for (const other of this.disk.pages) if (other !== this && !other.dead) other.ears.forEach((run) => run(words));
  };
  onTold = (run: (words: string[]) => void) => void this.ears.push(run);
  domain = () => 'shop.example';
  getCookie = (name: string) => this.disk.cookies.get(name) ?? null;
  setCookie = (name: string, value: string, seconds: number) => {
    if (this.dead) return;
    if (seconds > 0) this.disk.cookies.set(name, value);
    else this.disk.cookies.delete(name);
  };
  post = async (url: string, body: Uint8Array | string, keepalive: boolean): Promise<Reply> => {
    const request = { url, body: JSON.parse(String(body)) as Request['body'], keepalive };
    if (this.dead) return never;
    this.requests.push(request);
    const fate = this.connected ? (this.replies.shift() ?? (await this.server(request))) : 'network';
    await Promise.resolve();
    if (this.dead) return never;
    if (typeof fate === 'string') throw new TypeError(fate);
    return fate.status === 200 && fate.body === '' ? ok(request) : fate;
  };
  beacon = (_url: string, body: string) => this.beacons.push(body) > 0;
  gzip = () => null;
  online = () => this.connected;
  after = (millis: number, run: () => void) => {
    const timer = { at: this.disk.ticks + millis, run, page: this };
    this.disk.timers.push(timer);
    return timer as unknown as Timer;
  };
  cancel = (timer: Timer) => {
    this.disk.timers = this.disk.timers.filter((one) => one !== (timer as unknown));
  };
  page = () => this.facts;
  replaceAddress = (url: string) => {
    this.facts = { ...this.facts, url, search: /\?[^#]*/.exec(url)?.[0] ?? '' };
  };
  onNavigate = (run: () => void) => void this.listeners.navigate.push(run);
  onLeave = (run: () => void) => void this.listeners.leave.push(run);
  onOnline = (run: () => void) => void this.listeners.online.push(run);
  onLink = (run: (link: { href: string }) => void) => void this.links.push(run);
  log = (words: unknown[]) => void this.logs.push(words);

  /** Another tab of the same browser. */
  tab(): FakeWorld {
    const next = new FakeWorld(this.disk);
    next.server = this.server;
    next.database = this.database;
    return next;
  }

  /** The process of the page ends, in the middle of whatever it does. */
  kill(): void {
    this.dead = true;
    this.disk.timers = this.disk.timers.filter((timer) => timer.page !== this);
    this.die();
  }

  /** The next page of the same browser: what is stored stays. */
  nextPage(): FakeWorld {
    this.kill();
    return this.tab();
  }

  happen(what: 'navigate' | 'leave' | 'online'): void {
    if (!this.dead) this.listeners[what].forEach((run) => run());
  }

  go(path: string, search = '', hash = ''): void {
    this.facts = { ...this.facts, path, search, hash, url: `https://shop.example${path}${search}${hash}` };
    this.happen('navigate');
  }

  /** Lets time pass; timers run when they are due. */
  async pass(millis: number): Promise<void> {
    const { disk } = this;
    const end = disk.ticks + millis;
    await settle();
    for (;;) {
      const due = disk.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      disk.timers = disk.timers.filter((timer) => timer !== due);
      const step = Math.max(0, due.at - disk.ticks);
      disk.ticks += step;
      disk.time += step;
      due.run();
      await settle();
    }
    disk.time += end - disk.ticks;
    disk.ticks = end;
  }

  /** Somebody sets the clock, or the network does. */
  setClock(millis: number): void {
    this.disk.time += millis;
  }

  sent(): Record<string, unknown>[] {
    return this.requests.flatMap((request) => request.body.batch);
  }

  names(): unknown[] {
    return this.sent().map((message) => message['event']);
  }
}

/** Lets every pending promise go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
}
