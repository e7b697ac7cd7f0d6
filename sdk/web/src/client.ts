// The calls that a page makes.

import { uuid, type Message, type Properties } from './message';
import { Queue } from './queue';
import { Sender } from './sender';
import { State } from './state';
import type { World } from './world';

export interface Options {
  /** Count a view on load and on every change of address. Default: true. */
  autoPage?: boolean;
}

export const VERSION = '0.1.0';

export class Client {
  private queue: Queue;
  private sender: Sender;
  private state: State;
  private lastAddress = '';

  constructor(
    private world: World,
    key: string,
    url: string,
    options: Options = {},
  ) {
    const server = url.replace(/\/+$/, '');
    this.state = new State(world);
    this.queue = new Queue(world.storage);
    this.sender = new Sender(world, this.queue, `${server}/api/v1/collect?key=${encodeURIComponent(key)}`);
    if (options.autoPage !== false) {
      this.visited();
      world.onNavigate(() => this.visited());
    }
  }

  /** Something happened. */
  track(event: string, properties: Properties = {}): void {
    this.send({ type: 'track', event, properties: { ...this.context(), ...properties } });
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
    this.send({ type: 'page', properties: { ...this.context(), ...about, ...properties } });
  }

  /** The person logged in or signed up. Joins this device to the account. */
  identify(login: string, properties: Properties = {}, identifiers?: { phone?: string; email?: string }): void {
    this.state.login = login;
    const known = Object.entries(identifiers ?? {}).filter((pair): pair is [string, string] => Boolean(pair[1]));
    this.send({ type: 'identify', properties, ...(known.length > 0 ? { identifiers: Object.fromEntries(known) } : {}) });
  }

  setProfile(properties: Properties): void {
    this.send({ type: 'profile_set', properties });
  }

  setProfileOnce(properties: Properties): void {
    this.send({ type: 'profile_set_once', properties });
  }

  incrementProfile(properties: Record<string, number>): void {
    this.send({ type: 'profile_increment', properties });
  }

  appendProfile(properties: Record<string, string[]>): void {
    this.send({ type: 'profile_append', properties });
  }

  unsetProfile(...names: string[]): void {
    this.send({ type: 'profile_unset', names });
  }

  /** Properties that every later event carries. */
  register(properties: Properties): void {
    this.state.register(properties);
  }

  unregister(name: string): void {
    this.state.unregister(name);
  }

  /** The person logged out: whoever comes next is somebody else. */
  reset(): void {
    this.state.reset();
  }

  /** Collect nothing more, and forget what waits. Kept until `optIn`. */
  optOut(): void {
    this.state.stopped = true;
    this.queue.clear();
  }

  optIn(): void {
    this.state.stopped = false;
  }

  deviceId(): string {
    return this.state.device;
  }

  /** Sends what waits now. Resolves when the server has answered. */
  flush(): Promise<void> {
    return this.sender.flush();
  }

  private visited(): void {
    const { path, search } = this.world.page();
    const address = path + search;
    if (address === this.lastAddress) return;
    this.lastAddress = address;
    this.page();
  }

  private context(): Properties {
    const facts = this.world.page();
    return { ...this.state.context(facts), url: facts.url, path: facts.path, sdk: 'web', sdk_version: VERSION };
  }

  private send(part: Omit<Message, 'id' | 'time' | 'device' | 'login'>): void {
    if (this.state.stopped) return;
    const login = this.state.login;
    this.queue.push({
      ...part,
      id: uuid(this.world.random),
      time: this.world.now(),
      device: this.state.device,
      ...(login ? { login } : {}),
    });
    this.sender.queued();
  }
}
