// siyu for web pages, as a module: `import { init } from 'siyu-web'`.

import { Client, type Options } from './client';
import { browser } from './world';

export { Client, VERSION, type Options } from './client';
export type { Message, Properties, Value } from './message';
export type { World } from './world';

/** Starts collecting. `key` is a write key, `url` the address of siyu. */
export function init(key: string, url: string, options: Options = {}): Client {
  return new Client(browser(), key, url, options);
}
