// siyu for web pages, as a module: `import { init } from 'siyu-web'`.

import { browser } from './browser';
import { Client, type EventMap } from './client';
import type { Options } from './options';

export { Client, VERSION, type EventMap } from './client';
export type { Purposes } from './consent';
export type { Identifiers, Message, Properties, Statement, Value } from './message';
export type { Options, Plugin, Tools } from './options';
export type { World } from './world';
export { clicks } from './plugins/clicks';
export { errors } from './plugins/errors';
export { exposure } from './plugins/exposure';
export { forms } from './plugins/forms';
export { pages } from './plugins/pages';
export { stay } from './plugins/stay';
export { vitals } from './plugins/vitals';

/** Starts collecting. On a server, where there is no page, every call does nothing. */
export function init<Events extends EventMap = EventMap>(options: Options): Client<Events> {
  return new Client<Events>(browser(options.cookieDomain), options);
}
