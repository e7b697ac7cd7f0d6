// Who is here and how the visit came: kept between pages.

import { uuid, type Properties } from './message';
import type { PageFacts, World } from './world';

const DEVICE_COOKIE = 'siyu_device';
const TWO_YEARS_SECONDS = 2 * 365 * 86_400;
const SESSION_IDLE_MILLIS = 30 * 60_000;
/** Link parameters that name where a visit came from. */
const CAMPAIGN = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'];

interface Session {
  id: string;
  seen: number;
  campaign: Properties;
}

interface Kept {
  device: string;
  login: string | null;
  always: Properties;
  session: Session | null;
  stopped: boolean;
}

const KEY = 'siyu.state';

export class State {
  private kept: Kept;

  constructor(private world: World) {
    this.kept = { device: '', login: null, always: {}, session: null, stopped: false, ...this.read() };
    // Either place may have been cleared; the other one knows.
    this.kept.device = this.kept.device || world.getCookie(DEVICE_COOKIE) || uuid(world.random);
    this.write();
  }

  private read(): Partial<Kept> {
    try {
      return JSON.parse(this.world.storage?.get(KEY) ?? '{}') as Partial<Kept>;
    } catch {
      return {};
    }
  }

  private write(): void {
    this.world.storage?.set(KEY, JSON.stringify(this.kept));
    this.world.setCookie(DEVICE_COOKIE, this.kept.device, TWO_YEARS_SECONDS);
  }

  get device(): string {
    return this.kept.device;
  }

  get login(): string | null {
    return this.kept.login;
  }

  get stopped(): boolean {
    return this.kept.stopped;
  }

  set login(login: string | null) {
    this.kept.login = login;
    this.write();
  }

  set stopped(stopped: boolean) {
    this.kept.stopped = stopped;
    this.write();
  }

  register(properties: Properties): void {
    Object.assign(this.kept.always, properties);
    this.write();
  }

  unregister(name: string): void {
    delete this.kept.always[name];
    this.write();
  }

  /** Another person uses this browser from now on. */
  reset(): void {
    this.kept = { device: uuid(this.world.random), login: null, always: {}, session: null, stopped: this.kept.stopped };
    this.write();
  }

  /** What every event carries: registered properties, the visit, and how it came. */
  context(facts: PageFacts): Properties {
    const session = this.session(facts);
    return { ...this.kept.always, session_id: session.id, ...session.campaign };
  }

  /** A visit ends after half an hour without events, or with a new campaign link. */
  private session(facts: PageFacts): Session {
    const now = this.world.now();
    const campaign = campaignOf(facts.search);
    const known = this.kept.session;
    const named = Object.keys(campaign).length > 0;
    const same = known && now - known.seen < SESSION_IDLE_MILLIS;
    const other = named && JSON.stringify(campaign) !== JSON.stringify(known?.campaign);
    const session =
      same && !other ? known : { id: uuid(this.world.random), seen: now, campaign };
    session.seen = now;
    this.kept.session = session;
    this.write();
    return session;
  }
}

function campaignOf(search: string): Properties {
  const parameters = new URLSearchParams(search);
  const found: Properties = {};
  for (const name of CAMPAIGN) {
    const value = parameters.get(name);
    if (value) found[name] = value;
  }
  return found;
}
