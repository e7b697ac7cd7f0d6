// A browser for tests: time, chance and network are in the test's hands.
import type { PageFacts, Reply, Store, Timer, World } from '../src/world';

export interface Request {
  url: string;
  body: { batch: Record<string, unknown>[]; sent_at: number };
  leaving: boolean;
}

export class FakeWorld implements World {
  time = Date.UTC(2026, 10, 21, 6, 5, 0);
  requests: Request[] = [];
  beacons: string[] = [];
  /** What the next requests get; an empty list answers 200. */
  replies: (Reply | 'network')[] = [];
  entries = new Map<string, string>();
  cookies = new Map<string, string>();
  storage: Store | null;
  facts: PageFacts = {
    url: 'https://shop.example/?utm_source=wechat&utm_campaign=spring',
    path: '/',
    search: '?utm_source=wechat&utm_campaign=spring',
    title: '首页',
    referrer: 'https://weixin.example/',
    language: 'zh-CN',
    screenWidth: 1280,
    screenHeight: 800,
    viewportWidth: 1280,
  };
  private timers: { at: number; run: () => void }[] = [];
  private drawn = 0;
  private listeners: Record<'navigate' | 'leave' | 'online', (() => void)[]> = { navigate: [], leave: [], online: [] };

  constructor() {
    this.storage = {
      keys: () => [...this.entries.keys()],
      get: (key) => this.entries.get(key) ?? null,
      set: (key, value) => {
        this.entries.set(key, value);
        return true;
      },
      remove: (key) => void this.entries.delete(key),
    };
  }

  now = () => this.time;
  /** Not random: the same ids in every run, never the same twice. */
  random = (count: number) => {
    this.drawn += 1;
    return Uint8Array.from({ length: count }, (_, index) => (this.drawn * 31 + index * 7) & 0xff);
  };
  chance = () => 0.5;
  getCookie = (name: string) => this.cookies.get(name) ?? null;
  setCookie = (name: string, value: string) => void this.cookies.set(name, value);
  post = async (url: string, body: string, leaving: boolean): Promise<Reply> => {
    const reply = this.replies.shift() ?? { status: 200, retryAfter: null };
    this.requests.push({ url, body: JSON.parse(body), leaving });
    if (reply === 'network') throw new TypeError('network');
    return reply;
  };
  beacon = (_url: string, body: string) => this.beacons.push(body) > 0;
  after = (millis: number, run: () => void) => {
    const timer = { at: this.time + millis, run };
    this.timers.push(timer);
    return timer as unknown as Timer;
  };
  cancel = (timer: Timer) => {
    this.timers = this.timers.filter((one) => one !== (timer as unknown));
  };
  page = () => this.facts;
  onNavigate = (run: () => void) => void this.listeners.navigate.push(run);
  onLeave = (run: () => void) => void this.listeners.leave.push(run);
  onOnline = (run: () => void) => void this.listeners.online.push(run);

  /** A new page of the same browser: what is stored stays. */
  nextPage(): FakeWorld {
    const next = new FakeWorld();
    next.time = this.time;
    next.entries = this.entries;
    next.cookies = this.cookies;
    next.drawn = this.drawn + 1000;
    return next;
  }

  happen(what: 'navigate' | 'leave' | 'online'): void {
    this.listeners[what].forEach((run) => run());
  }

  go(path: string, search = ''): void {
    this.facts = { ...this.facts, path, search, url: `https://shop.example${path}${search}` };
    this.happen('navigate');
  }

  /** Lets time pass; timers run when they are due. */
  async pass(millis: number): Promise<void> {
    const end = this.time + millis;
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((timer) => timer !== due);
      this.time = Math.max(this.time, due.at);
      due.run();
      await settle();
    }
    this.time = end;
  }

  sent(): Record<string, unknown>[] {
    return this.requests.flatMap((request) => request.body.batch);
  }
}

/** Lets every pending promise go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
