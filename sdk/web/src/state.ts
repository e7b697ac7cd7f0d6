// Who is here and how the visit came: kept between pages, shared by tabs.

import { uuid, type Value } from './message';
import { isCampaign, touchOf, withoutClicks, type Touch } from './touch';
import type { World } from './world';

const DEVICE_COOKIE = 'siyu_device';
const KEY = 'siyu.state';
const OURS = /^siyu\.(state$|queue\.|pause$|lost$|lease$)/;
const TWO_YEARS_SECONDS = 2 * 365 * 86_400;
export const SESSION_IDLE_MILLIS = 30 * 60_000;
export const SESSION_MILLIS_MAX = 24 * 3_600_000;
/** How long the way somebody came last is worth remembering. */
const TOUCH_MILLIS_MAX = 30 * 86_400_000;
/** So often the time of the last event is written down. */
const SEEN_STEP_MILLIS = 10_000;

export interface Session {
  id: string;
  started: number;
  seen: number;
  touch: Touch;
  landing: string;
  /** Properties that end with the visit. */
  always: Record<string, Value>;
}

interface Kept {
  device: string;
  login: string | null;
  always: Record<string, Value>;
  session: Session | null;
  /** The first visit was told. */
  told: boolean;
  last: (Touch & { at: number }) | null;
}

export interface SessionRules {
  idleMillis: number;
  newOnCampaign: boolean;
  parameters: string[];
  /** Whether the clicks of advertisements may be known. */
  clicks: () => boolean;
}

export class State {
  private kept: Kept;
  private text: string | null = null;
  /** Whether anything may be stored. */
  private open = false;
  /** Whether what is written can be read again: storage may be full, a cookie hidden
   * by another of its name. What cannot is not believed. */
  private keeps = true;
  private cookies = true;

  constructor(
    private world: World,
    private rules: SessionRules,
  ) {
    this.kept = this.blank();
  }

  /** From now on what is known is stored, and what was stored is known.
   * `brought`: the device that a link from another domain has brought. */
  persist(brought: string | null): void {
    const device = this.cookie();
    const stored = this.read();
    const { kept } = this;
    this.open = true;
    // Somebody else was logged in here earlier: then what is new stays apart.
    const stranger = stored?.login && kept.login && stored.login !== kept.login;
    if (!stored) {
      // Only where nobody is known yet: else a link could join strangers.
      kept.device = device ?? brought ?? kept.device;
    } else if (!stranger) {
      const { login, always, session } = kept;
      this.kept = { ...stored, login: login ?? stored.login, always: { ...stored.always, ...always }, session: stored.session ?? session };
    }
    this.write();
  }

  get device(): string {
    return this.fresh().device;
  }

  get login(): string | null {
    return this.fresh().login;
  }

  set login(login: string | null) {
    this.change((kept) => (kept.login = login));
  }

  get last(): Touch {
    const { last } = this.fresh();
    if (!last || this.world.now() - last.at > TOUCH_MILLIS_MAX) return {};
    return Object.fromEntries(Object.entries(last).filter(([name]) => name !== 'at').map(([name, value]) => [`last_${name}`, value]));
  }

  /** True once for each device: the first visit is to be told. */
  firstTime(): boolean {
    if (this.fresh().told) return false;
    this.change((kept) => (kept.told = true));
    return true;
  }

  register(properties: Record<string, Value>, once: boolean): void {
    this.change((kept) => (kept.always = once ? { ...properties, ...kept.always } : { ...kept.always, ...properties }));
  }

  registerForSession(properties: Record<string, Value>): void {
    const session = this.session();
    this.change((kept) => (kept.session = { ...session, always: { ...session.always, ...properties } }));
  }

  unregister(name: string): void {
    this.change((kept) => {
      delete kept.always[name];
      if (kept.session) delete kept.session.always[name];
    });
  }

  /** Another person uses this browser from now on. */
  reset(login: string | null = null): void {
    this.change((kept) => Object.assign(kept, this.blank(), { login }));
  }

  /** Leaves nothing behind. */
  forget(): void {
    this.open = false;
    this.kept = this.blank();
    for (const key of this.world.storage?.keys() ?? []) {
      // Others of the same origin may have names that begin alike.
      if (OURS.test(key)) this.world.storage?.remove(key);
    }
    this.world.setCookie(DEVICE_COOKIE, '', 0);
  }

  /** Consent to marketing was withdrawn, or not given. */
  forgetClicks(): void {
    this.change((kept) => {
      if (kept.session) kept.session.touch = withoutClicks(kept.session.touch);
      kept.last = kept.last && withoutClicks(kept.last);
    });
  }

  /** What every event carries. */
  context(): Record<string, Value> {
    const session = this.session();
    return { ...this.kept.always, ...session.always, session_id: session.id, ...session.touch };
  }

  /** A visit ends after half an hour without events, after a day, or with another
   * campaign link. */
  session(): Session {
    const now = this.world.now();
    const known = this.fresh().session;
    const facts = this.world.page();
    const came = touchOf(facts, this.open ? this.world.domain() : '', this.rules.parameters);
    const touch = this.rules.clicks() ? came : withoutClicks(came);
    // A clock that was set back ends no visit.
    const idle = known ? now - known.seen : 0;
    const age = known ? now - known.started : 0;
    const other = this.rules.newOnCampaign && isCampaign(touch) && !sameTouch(touch, known?.touch);
    if (known && idle < this.rules.idleMillis && age < SESSION_MILLIS_MAX && !other) {
      if (Math.abs(idle) >= SEEN_STEP_MILLIS) {
        this.change((kept) => (kept.session = { ...known, seen: now, started: Math.min(known.started, now) }));
      }
      return this.kept.session ?? known;
    }
    const landing = facts.url.replace(/[?#].*/, '');
    const session = { id: uuid(this.world.random), started: now, seen: now, touch, landing, always: {} };
    this.change((kept) => {
      kept.session = session;
      if (touch['channel'] !== 'direct') kept.last = { ...touch, at: now };
    });
    return session;
  }

  private blank(): Kept {
    return { device: uuid(this.world.random), login: null, always: {}, session: null, told: false, last: null };
  }

  /** What another tab has changed is taken over before anything is said. */
  private fresh(): Kept {
    if (!this.open) return this.kept;
    const text = this.stored();
    const device = this.cookie();
    const changed = (text !== null && text !== this.text) || (device !== null && device !== this.kept.device);
    if (!changed) return this.kept;
    this.text = text;
    this.kept = this.read() ?? this.kept;
    // A sister site of the domain has said that somebody else is here.
    if (device !== null && device !== this.kept.device) this.kept = { ...this.blank(), device };
    return this.kept;
  }

  private stored(): string | null {
    return (this.keeps && this.world.storage?.get(KEY)) || null;
  }

  private cookie(): string | null {
    return (this.cookies && this.world.getCookie(DEVICE_COOKIE)) || null;
  }

  private read(): Kept | null {
    try {
      const stored = JSON.parse(this.stored() ?? 'null') as Partial<Kept> | null;
      if (typeof stored?.device !== 'string' || !stored.device) return null;
      const device = this.cookie();
      if (device !== null && device !== stored.device) return null;
      const session = typeof stored.session?.id === 'string' ? { ...stored.session, always: stored.session.always ?? {}, touch: stored.session.touch ?? {} } : null;
      return { ...this.blank(), ...stored, device: stored.device, always: stored.always ?? {}, session };
    } catch {
      return null;
    }
  }

  private change(edit: (kept: Kept) => unknown): void {
    edit(this.fresh());
    this.write();
  }

  private write(): void {
    if (!this.open) return;
    this.text = JSON.stringify(this.kept);
    this.keeps = this.world.storage?.set(KEY, this.text) ?? false;
    this.world.setCookie(DEVICE_COOKIE, this.kept.device, TWO_YEARS_SECONDS);
    this.cookies = this.world.getCookie(DEVICE_COOKIE) === this.kept.device;
  }
}

function sameTouch(one: Touch, other: Touch | undefined): boolean {
  const campaign = (touch: Touch): string =>
    JSON.stringify(Object.entries(touch).filter(([name]) => !/^(channel|referrer_)/.test(name)).sort());
  return other !== undefined && campaign(one) === campaign(other);
}
