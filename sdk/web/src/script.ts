// siyu for web pages, as a script: a global `siyu`. Calls made before the script has
// loaded wait in `siyu.calls` and are made then, in order.
//
// It starts by itself when its own tag names a key:
// <script async src="https://siyu.example/sdk/siyu.js" data-key="wk_…"></script>

import { browser } from './browser';
import { Client } from './client';
import type { Options, Plugin } from './options';

type Call = [name: string, ...values: unknown[]];
type Start = Omit<Options, 'plugins'> & { plugins?: (Plugin | string)[] };
interface Stub {
  calls?: Call[];
}

const page = window as unknown as { siyu?: Stub };
const tag = document.currentScript as HTMLScriptElement | null;
const waiting: Call[] = [];
let client: (Client & { init?: unknown }) | null = null;

/** Plugins are files beside this one. */
function load(name: string): void {
  const script = document.createElement('script');
  script.async = true;
  script.src = (tag?.src ?? '').replace(/[^/]*$/, '') + `siyu.${name}.js`;
  if (tag?.nonce) script.nonce = tag.nonce;
  document.head.appendChild(script);
}

function init(given: Start): Client {
  if (client) return client;
  const plugins = given.plugins ?? [];
  const ready = plugins.filter((plugin): plugin is Plugin => typeof plugin !== 'string');
  client = new Client(browser(given.cookieDomain), { ...given, plugins: ready });
  client.init = init;
  page.siyu = client as unknown as Stub;
  plugins.forEach((plugin) => typeof plugin === 'string' && load(plugin));
  waiting.splice(0).forEach(make);
  return client;
}

function make(call: Call): void {
  const [name, ...values] = call;
  if (name === 'init') return void init(values[0] as Start);
  if (!client) return void waiting.push(call);
  // `profile.set` and its like are two steps.
  const [first = '', second] = name.split('.');
  const owner = second ? (client as unknown as Record<string, Record<string, unknown>>)[first] : client;
  const found = (owner as Record<string, unknown> | undefined)?.[second ?? first];
  if (typeof found === 'function') found.apply(owner, values);
}

/** Any call by any name waits, as those made before this script. */
function stub(calls: Call[], path = ''): Stub {
  return new Proxy((() => undefined) as unknown as object, {
    get: (_, name) => (name === 'calls' ? calls : stub(calls, path ? `${path}.${String(name)}` : String(name))),
    apply: (_, __, values) => void calls.push([path, ...(values as unknown[])]),
  }) as Stub;
}

const calls: Call[] = page.siyu?.calls ?? [];
const earlier = calls.splice(0);
calls.push = (...more: Call[]) => {
  more.forEach(make);
  return 0;
};
// A stub that is a plain list of calls gives way to one that can be called.
if (typeof page.siyu !== 'function') page.siyu = stub(calls);

const said = tag?.dataset ?? {};
if (said['key']) {
  const words = (text: string | undefined): string[] => (text ?? '').split(/[\s,]+/).filter(Boolean);
  init({
    key: said['key'],
    url: said['url'] ?? new URL(tag?.src ?? '', location.href).origin,
    plugins: words(said['plugins']),
    linkDomains: words(said['linkDomains']),
    debug: said['debug'] !== undefined,
    autoPage: said['autoPage'] !== 'false',
    firstTouch: said['firstTouch'] !== 'false',
    respectSignals: said['respectSignals'] !== undefined,
    ...(said['endpoint'] ? { endpoint: said['endpoint'] } : {}),
    ...(said['consent'] === 'required' ? { consent: 'required' } : {}),
  });
}
earlier.forEach(make);
