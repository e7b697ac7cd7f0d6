// Our own web SDK as pages load it: the built script, a real browser, a real server.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { events, person, shopPage, signIn, writeKey } from '../server.mjs';

const script = readFileSync(new URL('../../web/dist/siyu.js', import.meta.url), 'utf8');

test('calls made before the script are kept; views, events and log-in join one person', async () => {
  const api = await signIn();
  const key = await writeKey(api, 'own web SDK');
  await shopPage({ '/siyu.js': script }, async (page, shop) => {
    await page.goto(`${shop}/?utm_source=wechat`);
    await page.evaluate(([writeKey, url]) => {
      globalThis.siyu = { calls: [['init', writeKey, url], ['track', 'own_before', { category: '烘焙' }]] };
    }, [key, api.url]);
    await page.addScriptTag({ url: `${shop}/siyu.js` });
    await page.evaluate(async () => {
      history.pushState({}, '', '/cart');
      globalThis.siyu.identify('own_1', { city: '成都' }, { phone: '13800000009' });
      globalThis.siyu.track('own_after', { amount_minor: 1600 });
      await globalThis.siyu.flush();
    });
    const waiting = await page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('siyu.queue.')));
    assert.deepEqual(waiting, [], 'everything was acknowledged');
  });
  const [after] = await events(api, 'own_after');
  assert.equal(after.props.amount_minor, 1600);
  assert.equal(after.props.utm_source, 'wechat');
  const who = await person(api, 'own_1');
  assert.equal(who.attributes.city, '成都');
  const { items } = await api.get(`/people/${who.person}/events`);
  const paths = items.filter((item) => item.event === 'page_view').map((item) => item.props.path);
  assert.deepEqual(paths.sort(), ['/', '/cart']);
});

test('events of a page that is closed at once arrive', async () => {
  const api = await signIn();
  const key = await writeKey(api, 'own web SDK, closing');
  await shopPage({ '/siyu.js': script }, async (page, shop) => {
    await page.goto(`${shop}/`);
    await page.addScriptTag({ url: `${shop}/siyu.js` });
    await page.evaluate(([writeKey, url]) => {
      globalThis.siyu.init(writeKey, url, { autoPage: false });
      globalThis.siyu.track('own_last_words');
    }, [key, api.url]);
    await page.close({ runBeforeUnload: false });
    assert.equal((await events(api, 'own_last_words')).length, 1);
  });
});
