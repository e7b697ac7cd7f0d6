// Everything the SDK needs from the browser, in one place: tests bring their own.

/** What the page and its browser offer. */
export interface World {
  /** False where there is no page, as in rendering on a server: nothing is collected. */
  alive: boolean;
  /** Milliseconds since 1970; people set this clock. */
  now(): number;
  /** Milliseconds since some moment; this clock only goes forward. */
  tick(): number;
  /** Random bytes, for ids. */
  random(count: number): Uint8Array;
  /** Evenly from [0, 1), for spreading retries. */
  chance(): number;
  /** Small things, kept at once. Null where the browser forbids it. */
  storage: Store | null;
  /** The durable queue, which all pages of this origin share; null where there is none. */
  openShelf(): Promise<Shelf | null>;
  /** Removes it, without making it first. */
  deleteShelf(): void;
  /** Runs when no other page of this origin does. */
  exclusive(run: () => Promise<void>): Promise<void>;
  /** Says something to the other pages of this origin, where the browser can. */
  tell(words: string[]): void;
  onTold(run: (words: string[]) => void): void;
  /** The domain that cookies are for, which sister sites share; empty: this host only. */
  domain(): string;
  getCookie(name: string): string | null;
  /** `seconds` of 0 removes it. */
  setCookie(name: string, value: string, seconds: number): void;
  /** Rejects when the network fails. `keepalive`: goes on when the page is gone. */
  post(url: string, body: Uint8Array | string, keepalive: boolean): Promise<Reply>;
  /** Hands a body to the browser to send after the page is gone. */
  beacon(url: string, body: string): boolean;
  /** Null where the browser cannot. */
  gzip(text: string): Promise<Uint8Array> | null;
  online(): boolean;
  after(millis: number, run: () => void): Timer;
  cancel(timer: Timer): void;
  page(): PageFacts;
  /** Puts another address into the address bar, without a visit. */
  replaceAddress(url: string): void;
  /** Tells of every change of address without a load. */
  onNavigate(run: () => void): void;
  /** Tells when the page is hidden, or (`gone`) left. */
  onLeave(run: (gone: boolean) => void): void;
  onOnline(run: () => void): void;
  /** Tells of a link that is about to be followed. */
  onLink(run: (link: { href: string }) => void): void;
  log(words: unknown[], bad: boolean): void;
}

export interface Store {
  keys(): string[];
  get(key: string): string | null;
  /** False when it could not be kept: full, or forbidden. */
  set(key: string, value: string): boolean;
  remove(key: string): void;
}

/** A message in the queue. Keys sort in the order of making. */
export interface Entry {
  key: string;
  text: string;
}

export interface Shelf {
  all(): Promise<Entry[]>;
  put(entries: Entry[]): Promise<void>;
  remove(keys: string[]): Promise<void>;
}

export interface Reply {
  status: number;
  retryAfter: string | null;
  body: string;
}

export interface PageFacts {
  url: string;
  path: string;
  search: string;
  hash: string;
  host: string;
  title: string;
  referrer: string;
  language: string;
  userAgent: string;
  screenWidth: number;
  screenHeight: number;
  viewportWidth: number;
  /** The wish the browser states: Global Privacy Control, Do Not Track. */
  gpc: boolean;
  dnt: boolean;
}

export type Timer = ReturnType<typeof setTimeout>;
