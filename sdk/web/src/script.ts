// siyu for web pages, as a script: a global `siyu`. Calls made before the script
// has loaded wait in `siyu.calls` and are made then, in order.

import { Client, type Options } from './client';
import { browser } from './world';

type Call = [name: string, ...values: unknown[]];
interface Stub {
  calls?: Call[];
}

const page = window as unknown as { siyu?: Stub | Record<string, unknown> };
const waiting = (page.siyu as Stub | undefined)?.calls ?? [];

let client: Client | null = null;

function init(key: string, url: string, options: Options = {}): void {
  client ??= new Client(browser(), key, url, options);
}

const NAMES = [
  'track', 'page', 'identify', 'setProfile', 'setProfileOnce', 'incrementProfile', 'appendProfile', 'unsetProfile',
  'register', 'unregister', 'reset', 'optOut', 'optIn', 'deviceId', 'flush',
] as const;

const api: Record<string, unknown> = { init };
for (const name of NAMES) {
  api[name] = (...values: unknown[]): unknown => {
    if (!client) throw new Error(`call siyu.init(key, url) before siyu.${name}()`);
    return (client[name] as (...given: unknown[]) => unknown)(...values);
  };
}
page.siyu = api;

for (const [name, ...values] of waiting) {
  (api[name] as ((...given: unknown[]) => unknown) | undefined)?.(...values);
}
