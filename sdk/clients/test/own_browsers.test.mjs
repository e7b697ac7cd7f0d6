// Our web SDK where browsers differ: without databases, locks or storage, on sites
// without TLS, across sub-domains and domains.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doorTo, shop, until, waiting, withSiyu } from '../own_world.mjs';

const PERMIT = { 'access-control-allow-origin': '*' };
const messages = (door) => door.requests.filter(({ way }) => typeof way === 'object').flatMap(({ body }) => JSON.parse(body).batch);
const ready = (page) => page.waitForFunction(() => typeof globalThis.siyu?.deviceId === 'function');
const device = (page) => page.evaluate(() => globalThis.siyu.deviceId());

/** A door that keeps what comes, and answers as siyu would. */
async function withKeeper(use) {
  const door = await doorTo('http://127.0.0.1:9');
  door.taken = { status: 200, headers: PERMIT, body: '{"accepted":1,"rejected":[]}' };
  door.way = door.taken;
  try {
    await use(door);
  } finally {
    door.close();
  }
}

const quiet = 'data-auto-page="false" data-first-touch="false"';

test('web: without databases, locks and channels tabs share localStorage, and nothing is sent twice', async () => {
  await withKeeper(async (door) => {
    await shop({ '*': withSiyu('wk', door.url, { attributes: quiet }) }, async (tabs, url) => {
      await tabs.addInitScript(() => {
        Object.defineProperty(globalThis, 'BroadcastChannel', { value: undefined });
        Object.defineProperty(navigator, 'locks', { value: undefined });
        Object.defineProperty(globalThis.indexedDB, 'open', { value: () => { throw new Error('forbidden'); } });
      });
      const [one, two] = [await tabs.newPage(), await tabs.newPage()];
      for (const page of [one, two]) {
        await page.goto(url);
        await ready(page);
      }
      door.way = 'cut';
      for (const [page, from] of [[one, 0], [two, 10]]) {
        await page.evaluate((first) => {
          for (let n = first; n < first + 10; n++) globalThis.siyu.track('old', { n });
        }, from);
      }
      await until(() => door.requests.length > 0, 'somebody to try');
      const stored = () => one.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('siyu.queue.')).length);
      await until(async () => (await stored()) === 20, 'twenty to wait');
      door.way = door.taken;
      await until(async () => (await stored()) === 0, 'the queue to be empty');
    });
    const sent = messages(door);
    assert.equal(new Set(sent.map((message) => message.id)).size, 20);
    assert.equal(sent.length, 20);
  });
});

test('web: where all storage is forbidden, the page still tells what happens', async () => {
  await withKeeper(async (door) => {
    await shop({ '*': withSiyu('wk', door.url, { attributes: quiet }) }, async (tabs, url) => {
      await tabs.addInitScript(() => {
        const forbidden = () => { throw new DOMException('forbidden', 'SecurityError'); };
        for (const name of ['localStorage', 'indexedDB']) Object.defineProperty(globalThis, name, { get: forbidden });
        Object.defineProperty(document, 'cookie', { get: forbidden, set: forbidden });
      });
      const page = await tabs.newPage();
      await page.goto(url);
      await ready(page);
      await page.evaluate(async () => {
        globalThis.siyu.track('private', { n: 1 });
        globalThis.siyu.track('private', { n: 2 });
        await globalThis.siyu.flush();
      });
    });
    const sent = messages(door);
    assert.deepEqual(sent.map((message) => message.properties.n), [1, 2]);
    assert.equal(new Set(sent.map((message) => message.device)).size, 1);
  });
});

test('web: sub-domains share the device; a link carries it to another domain, and a foreign page cannot', async () => {
  await withKeeper(async (door) => {
    const links = 'data-link-domains="shop.test pay.test"';
    const body = '<a id="pay" href="">付款</a>';
    await shop({ '*': withSiyu('wk', door.url, { attributes: `${quiet} ${links}`, body }) }, async (tabs, url) => {
      const { port } = new URL(url);
      const page = await tabs.newPage();
      const at = async (host) => {
        await page.goto(`http://${host}:${port}/`);
        await ready(page);
        return device(page);
      };
      const follow = async (host) => {
        await page.evaluate((href) => (document.getElementById('pay').href = href), `http://${host}:${port}/order?id=1`);
        await page.click('#pay');
        await page.waitForURL(`http://${host}:${port}/order?id=1`);
        await ready(page);
        return device(page);
      };
      const own = await at('www.shop.test');
      assert.equal(await at('m.shop.test'), own, 'the next host of the domain');
      const [cookie] = (await tabs.cookies()).filter(({ name }) => name === 'siyu_device');
      assert.equal(cookie.domain, '.shop.test');
      assert.equal(await follow('www.pay.test'), own, 'another of our domains');
      await tabs.clearCookies();
      const mark = `siyu_link=stranger-device.${Date.now().toString(36)}`;
      await page.goto('about:blank');
      await page.goto(`http://new.pay.test:${port}/?${mark}`, { referer: `http://evil.test:${port}/` });
      await ready(page);
      assert.notEqual(await device(page), 'stranger-device');
      assert.equal(page.url(), `http://new.pay.test:${port}/`);
    });
  });
});

test("web: WeChat's browser is known by its name", async () => {
  await withKeeper(async (door) => {
    const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.49';
    await shop({ '*': withSiyu('wk', door.url) }, async (tabs, url) => {
      const page = await tabs.newPage();
      await page.goto(url);
      await ready(page);
      await page.evaluate(() => globalThis.siyu.flush());
      await until(async () => (await waiting(page)).length === 0, 'the view to be sent');
    }, { userAgent });
    const view = messages(door).find((message) => message.type === 'page');
    assert.deepEqual([view.properties.channel, view.properties.referrer_site], ['social', 'weixin']);
  });
});
