// Clients that run in web pages: each gets a page of a shop in a real browser.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { openShop } from '../server.mjs';

const require = createRequire(import.meta.url);
const sensors = readFileSync(require.resolve('sa-sdk-javascript/sensorsdata.min.js'), 'utf8');
const own = new URL('../../web/dist/siyu.js', import.meta.url);
const segmentFolder = join(dirname(require.resolve('@segment/analytics-next/package.json')), 'dist/umd');

/** The packed parts of Segment's client are loaded by name when they are needed. */
function segmentFile(path) {
  const file = join(segmentFolder, path.slice(1));
  return path.endsWith('.js') && existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** A device whose clock is wrong. */
function shiftClock(offset) {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...words) {
      if (words.length === 0) super(Real.now() + offset);
      else super(...words);
    }
    static now() {
      return Real.now() + offset;
    }
  };
}

async function inPage({ scripts, offset, start, calls }) {
  const shop = await openShop(scripts);
  const { page } = shop;
  let failed = 0;
  page.on('requestfailed', () => (failed += 1));
  if (offset) await page.addInitScript(shiftClock, offset);
  await page.goto(`${shop.url}/bread`);
  await page.addScriptTag({ url: `${shop.url}/index.js` });
  await page.evaluate(...start);
  return {
    track: (event, step) => page.evaluate(calls.track, [event, step]),
    login: (id) => page.evaluate(calls.login, [id]),
    flush: async () => {},
    offline: (yes) => page.context().setOffline(yes),
    failed: () => failed,
    dead: async () => false,
    stop: () => shop.close(),
  };
}

function sensorsPage(mode) {
  return ({ url, key, offset }) =>
    inPage({
      scripts: (path) => (path === '/index.js' ? sensors : undefined),
      offset,
      start: [
        ([server, sendType]) => {
          globalThis.sensorsDataAnalytic201505.init({
            server_url: server,
            send_type: sendType === 'batch' ? 'image' : sendType,
            batch_send: sendType === 'batch' ? { send_interval: 300 } : false,
            heatmap: { clickmap: 'not_collect', scroll_notice_map: 'not_collect' },
            show_log: false,
          });
        },
        [`${url}/sa?project=default&token=${key}`, mode],
      ],
      calls: {
        track: ([event, step]) => {
          globalThis.sensorsDataAnalytic201505.track(event, { step });
        },
        login: ([id]) => {
          globalThis.sensorsDataAnalytic201505.login(id);
        },
      },
    });
}

function segmentPage(strategy) {
  return ({ url, key, offset }) =>
    inPage({
      scripts: segmentFile,
      offset,
      start: [
        async ([cdnURL, writeKey, strategy]) => {
          const deliveryStrategy = { strategy, config: { size: 10, timeout: 300 } };
          const integrations = strategy === 'batching' ? { 'Segment.io': { deliveryStrategy } } : {};
          const [analytics] = await globalThis.AnalyticsNext.AnalyticsBrowser.load(
            { writeKey, cdnURL },
            { integrations },
          );
          globalThis.analyticsUnderTest = analytics;
        },
        [url, key, strategy],
      ],
      // Their promises end with the delivery, which may be far away.
      calls: {
        track: ([event, step]) => {
          globalThis.analyticsUnderTest.track(event, { step });
        },
        login: ([id]) => {
          globalThis.analyticsUnderTest.identify(id, { city: '上海' });
        },
      },
    });
}

function ownPage({ url, key, offset }) {
  return inPage({
    scripts: (path) => (path === '/index.js' ? readFileSync(own, 'utf8') : undefined),
    offset,
    start: [([key, url]) => void globalThis.siyu.init({ key, url, autoPage: false, firstTouch: false }), [key, url]],
    calls: {
      track: ([event, step]) => void globalThis.siyu.track(event, { step }),
      login: ([id]) => void globalThis.siyu.identify(id, { city: '上海' }),
    },
  });
}

const WEB = 'sa-sdk-javascript 1.23.5, Chromium';
const NEXT = '@segment/analytics-next 1.84.3, Chromium';

/** `tries`: requests that two events cause at least; `gone`: cases after which this client
 * does not send again what it could not send, by its own design. */
export const PAGES = [
  { name: `${WEB}: image`, open: sensorsPage('image'), tries: 2, gone: ['offline', 'killed', 'busy'] },
  { name: `${WEB}: ajax`, open: sensorsPage('ajax'), tries: 2, gone: ['offline', 'killed', 'busy'] },
  { name: `${WEB}: beacon`, open: sensorsPage('beacon'), tries: 2, gone: ['offline', 'killed', 'busy'] },
  { name: `${WEB}: batch`, open: sensorsPage('batch'), tries: 1, gone: [] },
  { name: `${NEXT}: single`, open: segmentPage('standard'), tries: 1, waitsOffline: true, gone: [] },
  { name: `${NEXT}: batching`, open: segmentPage('batching'), tries: 1, waitsOffline: true, gone: [] },
  { name: 'siyu web SDK, Chromium', open: ownPage, tries: 1, waitsOffline: true, gone: [] },
];
