// The calls that a page makes.

import { Consent, type Purposes } from './consent';
import { arrived, linked } from './link';
import { fitting, realLogin, uuid, type Identifiers, type Message, type Properties, type Statement } from './message';
import { BYTES_MAX, MESSAGES_MAX, Queue, type Loss } from './queue';
import { Sender, verdictOf } from './sender';
import { SESSION_IDLE_MILLIS, State } from './state';
import { pages } from './plugins/pages';
import { withoutClicks } from './touch';
import type { Options, Plugin } from './options';
import type { Entry, Reply, World } from './world';

export const VERSION = '0.2.0';

/** Names of events and their properties: `init<{ cart_add: { item_id: string } }>(…)`. */
export type EventMap = Record<string, Properties>;
type Given<P> = Record<never, never> extends P ? [properties?: P] : [properties: P];
type Part = Omit<Message, 'id' | 'time' | 'properties'> & { properties?: Properties };

/** Messages made before the visitor has decided wait in memory only. */
export const HELD_MAX = 200;
const LOST_KEY = 'siyu.lost';

export class Client<Events extends EventMap = EventMap> {
  /** Attributes of the person. */
  readonly profile = {
    set: (properties: Properties): void => this.send({ type: 'profile_set', properties }),
    setOnce: (properties: Properties): void => this.send({ type: 'profile_set_once', properties }),
    increment: (properties: Record<string, number>): void => this.send({ type: 'profile_increment', properties }),
    append: (properties: Record<string, string[]>): void => this.send({ type: 'profile_append', properties }),
    unset: (...names: string[]): void => this.send({ type: 'profile_unset', names }),
    delete: (): void => this.send({ type: 'profile_delete' }),
  };

  /** Products, stores, articles: things, not people. */
  readonly item = {
    set: (item_type: string, item_id: string, properties: Properties): void =>
      this.send({ type: 'item_set', item_type, item_id, properties }),
    delete: (item_type: string, item_id: string): void => this.send({ type: 'item_delete', item_type, item_id }),
  };

  /** The visitor's decision. What was held back is kept or dropped by it; without
   * analytics everything stored is deleted, ids included. */
  readonly consent = Object.assign((purposes: Partial<Purposes>): void => this.decide(purposes), {
    /** What the person told a form of yours, for the server's ledger. False: the visitor
     * lets nothing be sent; use the link to the preference page. */
    set: ({ purpose, state, channel, version }: Statement): boolean => {
      if (!this.attend()) return false;
      this.send({ type: 'consent', purpose, state, channel, version, page: this.world.page().url });
      return true;
    },
  });

  private choice: Consent;
  private state: State;
  private queue: Queue | null = null;
  private sender: Sender | null = null;
  private collecting = false;
  private ended = false;
  private held: Message[] = [];
  private losses: Partial<Record<Loss, number>> = {};
  private leavers: ((gone: boolean) => void)[] = [];
  private brought: string | null;
  private talkative: boolean;

  constructor(
    private world: World,
    private options: Options,
  ) {
    this.talkative = options.debug === true;
    this.choice = new Consent(world, options.consent === 'required', options.respectSignals === true);
    this.state = new State(world, {
      idleMillis: (options.sessionMinutes ?? SESSION_IDLE_MILLIS / 60_000) * 60_000,
      newOnCampaign: options.sessionOnCampaign !== false,
      parameters: options.parameters ?? [],
      clicks: () => this.choice.now?.marketing !== false,
    });
    const domains = options.linkDomains ?? [];
    this.brought = domains.length > 0 ? arrived(world, domains) : null;
    if (domains.length > 0) world.onLink((link) => (link.href = this.linkUrl(link.href)));
    this.attend();
    world.onLeave((gone) => {
      this.leavers.forEach((run) => this.guarded(() => run(gone)));
      this.sender?.leave();
    });
    if (options.autoPage !== false) this.use(pages());
    for (const plugin of options.plugins ?? []) this.use(plugin);
  }

  /** Something happened. */
  track<Name extends keyof Events & string>(event: Name, ...given: Given<Events[Name]>): void {
    this.happened(event, given[0]);
  }

  /** A page is shown. Called by itself unless `autoPage` is off. */
  page(properties: Properties = {}): void {
    const facts = this.world.page();
    const about: Properties = {
      title: facts.title,
      referrer: facts.referrer,
      language: facts.language,
      screen_width: facts.screenWidth,
      screen_height: facts.screenHeight,
      viewport_width: facts.viewportWidth,
    };
    this.send({ type: 'page', properties: { ...this.context(), ...this.state.last, ...about, ...fitting(properties) } });
  }

  /** The person logged in or signed up. Joins this device to the account, unless
   * somebody else was logged in here: then a new device begins, so that the first
   * person's history does not flow to the second. */
  identify(login: string | number, properties: Properties = {}, identifiers: Omit<Identifiers, 'login' | 'device'> = {}): void {
    const real = realLogin(login);
    if (real === null) return this.log(['identify: this names nobody', login], true);
    if (!this.attend()) return;
    const before = this.state.login;
    if (before !== null && before !== real) this.state.reset(real);
    else if (before !== real) this.state.login = real;
    this.send({ type: 'identify', properties, ...named(identifiers) });
  }

  /** Other identifiers of the person who is here, such as the device of an app
   * around this page. What is known already is not said again. */
  alias(identifiers: Identifiers): void {
    if (!this.attend()) return;
    const { login, device, ...rest } = identifiers ?? {};
    const other = {
      ...rest,
      ...(login && login !== this.state.login ? { login } : {}),
      ...(device && device !== this.state.device ? { device } : {}),
    };
    const given = named(other);
    if (given.identifiers) this.send({ type: 'identify', ...given });
  }

  /** The person logged out: whoever comes next is somebody else. */
  reset(): void {
    if (this.attend()) this.state.reset();
  }

  /** Properties that every later event carries. */
  register(properties: Properties): void {
    if (this.attend()) this.state.register(fitting(properties), false);
  }

  /** The same, unless they have a value already. */
  registerOnce(properties: Properties): void {
    if (this.attend()) this.state.register(fitting(properties), true);
  }

  /** The same, until the visit ends. */
  registerForSession(properties: Properties): void {
    if (this.attend()) this.state.registerForSession(fitting(properties));
  }

  unregister(name: string): void {
    if (this.attend()) this.state.unregister(name);
  }

  private decide(purposes: Partial<Purposes>): void {
    const before = this.choice.now;
    const analytics = purposes.analytics ?? before?.analytics ?? false;
    const marketing = analytics && (purposes.marketing ?? before?.marketing ?? false);
    // A banner may say the same on every page.
    const changed = this.choice.decide({ analytics, marketing });
    if (!this.attend() || !changed) return;
    if (!marketing) {
      this.state.forgetClicks();
      void this.queue?.change((message) => this.withoutMarketing(message));
    }
    this.happened('consent_given', { analytics, marketing });
  }

  optIn(): void {
    this.consent({ analytics: true, marketing: true });
  }

  optOut(): void {
    this.consent({ analytics: false, marketing: false });
  }

  /** Null: not decided, and a decision is needed. */
  consented(): Purposes | null {
    return this.choice.now;
  }

  deviceId(): string {
    return this.state.device;
  }

  sessionId(): string {
    return this.state.session().id;
  }

  /** An address on another of our domains, with this device in it. Valid for two minutes. */
  linkUrl(url: string): string {
    if (!this.attend() || !this.choice.marketing) return url;
    return linked(this.world, url, this.state.device, this.options.linkDomains ?? []);
  }

  use(plugin: Plugin): void {
    if (!this.world.alive) return;
    this.guarded(() =>
      plugin.start({
        track: (event, properties) => this.happened(event, properties),
        page: (properties) => this.page(properties),
        facts: () => this.world.page(),
        tick: () => this.world.tick(),
        onNavigate: (run) => this.world.onNavigate(() => this.guarded(run)),
        onLeave: (run) => void this.leavers.push(run),
      }),
    );
  }

  /** Settles when what earlier pages left is known. */
  async ready(then?: (siyu: this) => void): Promise<void> {
    await this.queue?.ready();
    then?.(this);
  }

  /** Sends what waits now. Settles when the server has answered, or cannot. */
  async flush(): Promise<void> {
    await this.sender?.flush();
  }

  /** Tells the browser's console what is collected and what the server says. */
  debug(on = true): void {
    this.talkative = on;
  }

  private happened(event: string, properties: Properties = {}): void {
    this.send({ type: 'track', event, properties: { ...this.context(), ...fitting(properties) } });
  }

  private context(): Properties {
    const facts = this.world.page();
    const context = this.attend() ? this.state.context() : {};
    return { ...context, url: facts.url, path: facts.path, sdk: 'web', sdk_version: VERSION };
  }

  /** Begins and ends collecting as the visitor has decided, here or in another tab.
   * False: nothing may be collected, nor held back for a decision. */
  private attend(): boolean {
    if (!this.world.alive) return false;
    const decided = this.choice.now;
    if (decided?.analytics && !this.collecting) this.begin(decided);
    if (decided?.analytics === false) this.end();
    return decided?.analytics ?? true;
  }

  private begin(decided: Purposes): void {
    const { world, options } = this;
    this.collecting = true;
    this.ended = false;
    const guest = this.state.device;
    this.state.persist(decided.marketing ? this.brought : null);
    this.queue ??= new Queue(world.storage, world.openShelf(), (count, why) => this.lost(count, why), {
      messages: options.queueMessages ?? MESSAGES_MAX,
      bytes: options.queueBytes ?? BYTES_MAX,
    });
    this.sender ??= new Sender(
      world,
      this.queue,
      collectUrl(options),
      { batchMessages: options.batchMessages ?? 20, batchMillis: options.batchMillis ?? 3_000, compress: options.compress === true },
      () => this.attend() && this.collecting,
      (count) => this.lost(count, 'refused'),
      (reply, batch) => this.heard(reply, batch),
    );
    for (const message of this.held.splice(0)) {
      if (message.device === guest) message.device = this.state.device;
      this.enqueue(message);
    }
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.collecting = false;
    this.held = [];
    this.losses = {};
    this.state.forget();
    if (this.queue) void this.queue.clear();
    // An earlier visit may have left something.
    else this.world.deleteShelf();
  }

  private send(part: Part): void {
    if (!this.attend()) return;
    const about = part.type.startsWith('item_') ? {} : { device: this.state.device, ...(this.state.login ? { login: this.state.login } : {}) };
    const { properties, ...rest } = part;
    if ((part.type === 'track' || part.type === 'page') && this.options.firstTouch !== false && this.state.firstTime()) {
      this.tellFirst();
    }
    this.enqueue({
      ...rest,
      ...(properties ? { properties: fitting(properties) } : {}),
      id: uuid(this.world.random),
      time: this.world.now(),
      ...about,
    });
  }

  /** How this device came the very first time, as attributes that stay. */
  private tellFirst(): void {
    const session = this.state.session();
    const properties: Properties = { first_landing_page: session.landing };
    for (const [name, value] of Object.entries(withoutClicks(session.touch))) properties[`first_${name}`] = value;
    this.send({ type: 'profile_set_once', properties });
  }

  private enqueue(message: Message): void {
    if (!this.choice.marketing && this.choice.now) this.withoutMarketing(message);
    this.log(['queued', message], false);
    if (this.queue && this.sender && this.collecting) {
      this.queue.push(message);
      this.sender.queued();
    } else if (this.held.push(message) > HELD_MAX) {
      this.held.shift();
      this.lost(1, 'full');
    }
  }

  private withoutMarketing(message: Message): void {
    if (message.properties) message.properties = withoutClicks(message.properties);
  }

  /** Counted until it can be told: data that is missing must not look complete. */
  private lost(count: number, why: Loss): void {
    const losses = this.lossesSoFar();
    losses[why] = (losses[why] ?? 0) + count;
    this.losses = losses;
    if (this.collecting) this.world.storage?.set(LOST_KEY, JSON.stringify(losses));
    this.log(['dropped', count, why], true);
  }

  private lossesSoFar(): Partial<Record<Loss, number>> {
    try {
      const stored: unknown = JSON.parse((this.collecting && this.world.storage?.get(LOST_KEY)) || 'null');
      return typeof stored === 'object' && stored !== null ? stored : { ...this.losses };
    } catch {
      return { ...this.losses };
    }
  }

  private heard(reply: Reply, batch: Entry[]): void {
    this.log(['sent', batch.length, reply.status, reply.body], reply.status !== 200);
    if (verdictOf(reply) !== 'kept') return;
    const losses = this.lossesSoFar();
    const counts = Object.entries(losses).filter(([, count]) => Number(count) > 0);
    if (counts.length === 0) return;
    this.losses = {};
    this.world.storage?.remove(LOST_KEY);
    const properties: Properties = { dropped: counts.reduce((sum, [, count]) => sum + Number(count), 0) };
    for (const [why, count] of counts) properties[`dropped_${why}`] = count;
    this.happened('queue_dropped', properties);
  }

  /** A fault of ours must not become a fault of the page. */
  private guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.log(['failed', error], true);
    }
  }

  private log(words: unknown[], bad: boolean): void {
    if (this.talkative) this.world.log(words, bad);
  }
}

function named(identifiers: Identifiers): { identifiers?: Identifiers } {
  const known = Object.entries(identifiers ?? {}).filter(([, value]) => realLogin(value) !== null);
  return known.length > 0 ? { identifiers: Object.fromEntries(known.map(([name, value]) => [name, String(value)])) } : {};
}

function collectUrl(options: Options): string {
  const address = options.endpoint ?? `${(options.url ?? '').replace(/\/+$/, '')}/api/v1/collect`;
  return `${address}${address.includes('?') ? '&' : '?'}key=${encodeURIComponent(options.key)}`;
}
