// Our own web SDK as pages load it: the built script, a real browser, a real server.
import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { test } from 'node:test';
import { doorTo, shop, until, waiting, withSiyu } from '../own_world.mjs';
import { events, person, signIn, writeKey } from '../server.mjs';

let signedIn;
let markers = 0;

/** A fresh key, and a door to siyu. `use` gets the API, the key and the door. */
async function withDoor(name, use) {
  signedIn ??= signIn();
  const api = await signedIn;
  const key = await writeKey(api, `web SDK, ${name}`);
  const door = await doorTo(api.url);
  try {
    await use(api, key, door);
  } finally {
    door.release();
    door.close();
  }
}

/** All events with a name. A marker that is sent last has passed the same way, so
 * whatever came before it is counted. */
async function all(api, key, name) {
  const marker = `own_marker_${(markers += 1)}`;
  const answer = await fetch(`${api.url}/api/v1/collect?key=${key}`, {
    method: 'POST',
    body: JSON.stringify({ batch: [{ type: 'track', event: marker, device: 'marker' }] }),
  });
  assert.equal(answer.status, 200);
  assert.equal((await events(api, marker)).length, 1);
  return events(api, name, 0);
}

const names = (items, property = 'n') => items.map((item) => item.props[property]).sort((a, b) => a - b);
const ready = (page) => page.waitForFunction(() => typeof globalThis.siyu?.deviceId === 'function');
const flush = (page) => page.evaluate(() => globalThis.siyu.flush());
const empty = (page) => until(async () => (await waiting(page)).length === 0, 'the queue to be empty');
const track = (page, event, from, to) =>
  page.evaluate(([name, first, last]) => {
    for (let n = first; n < last; n++) globalThis.siyu.track(name, { n });
  }, [event, from, to]);

test('web: calls made before the script are kept; views, events and log-in join one person', async () => {
  await withDoor('normal', async (api, key, door) => {
    const script = `siyu.track('own_before', { category: '烘焙' }); siyu.profile.set({ level: '金卡' });`;
    await shop({ '*': withSiyu(key, door.url, { script }) }, async (tabs, url) => {
      const page = await tabs.newPage();
      await page.goto(`${url}/?utm_source=wechat&gclid=g1`);
      await ready(page);
      await page.evaluate(async () => {
        history.pushState({}, '', '/cart');
        globalThis.siyu.identify('own_1', { city: '成都' }, { phone: '13800000009' });
        globalThis.siyu.track('own_after', { amount_minor: 1600 });
        globalThis.siyu.item.set('sku', 'own_sku', { name: '可颂' });
        await globalThis.siyu.flush();
      });
      await empty(page);
    });
    const [after] = await events(api, 'own_after');
    assert.equal(after.props.amount_minor, 1600);
    assert.deepEqual([after.props.utm_source, after.props.gclid, after.props.channel], ['wechat', 'g1', 'paid']);
    assert.equal((await events(api, 'own_before')).length, 1);
    const who = await person(api, 'own_1');
    assert.deepEqual([who.attributes.city, who.attributes.level], ['成都', '金卡']);
    assert.equal(who.attributes.first_utm_source, 'wechat');
    const { items } = await api.get(`/people/${who.person}/events`);
    const paths = items.filter((item) => item.event === 'page_view').map((item) => item.props.path);
    assert.deepEqual(paths.sort(), ['/', '/cart']);
  });
});

test('web: offline, then online', async () => {
  await withDoor('offline', async (api, key, door) => {
    await shop({ '*': withSiyu(key, door.url) }, async (tabs, url) => {
      const page = await tabs.newPage();
      await page.goto(url);
      await ready(page);
      await flush(page);
      await tabs.setOffline(true);
      await track(page, 'own_offline', 0, 30);
      await flush(page);
      assert.equal((await waiting(page)).length, 30);
      await tabs.setOffline(false);
      await empty(page);
    });
    assert.deepEqual(names(await all(api, key, 'own_offline')), Array.from({ length: 30 }, (_, n) => n));
  });
});

test('web: a reload while the answer is on its way repeats what was not heard, and it counts once', async () => {
  await withDoor('reload', async (api, key, door) => {
    await shop({ '*': withSiyu(key, door.url, { attributes: 'data-auto-page="false"' }) }, async (tabs, url) => {
      const page = await tabs.newPage();
      await page.goto(url);
      await ready(page);
      door.way = 'hold';
      await track(page, 'own_reload', 0, 5);
      await page.evaluate(() => void globalThis.siyu.flush());
      await until(() => door.holding.length > 0, 'the batch to arrive');
      door.way = 'pass';
      await page.reload();
      await ready(page);
      await track(page, 'own_reload', 5, 8);
      await flush(page);
      await empty(page);
      door.release();
    });
    const sent = door.requests.map(({ body }) => JSON.parse(body).batch.length);
    assert.ok(sent.reduce((sum, one) => sum + one) > 8, `repeated: ${sent}`);
    assert.deepEqual(names(await all(api, key, 'own_reload')), [0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

test('web: two tabs share one queue and one person, and send nothing twice', async () => {
  await withDoor('tabs', async (api, key, door) => {
    await shop({ '*': withSiyu(key, door.url, { attributes: 'data-auto-page="false"' }) }, async (tabs, url) => {
      const [one, two] = [await tabs.newPage(), await tabs.newPage()];
      for (const page of [one, two]) {
        await page.goto(url);
        await ready(page);
      }
      door.way = 'cut';
      await track(one, 'own_tabs', 0, 20);
      await track(two, 'own_tabs', 20, 40);
      await until(async () => (await waiting(one)).length >= 40, 'both queues to be stored');
      await until(() => door.requests.length > 0, 'somebody to try');
      door.way = 'pass';
      const before = door.requests.length;
      await empty(one);
      const ids = door.requests.slice(before).filter(({ way }) => way === 'pass').flatMap(({ body }) => JSON.parse(body).batch.map((item) => item.id));
      assert.equal(ids.length, new Set(ids).size, 'none twice');
      assert.equal(await one.evaluate(() => globalThis.siyu.deviceId()), await two.evaluate(() => globalThis.siyu.deviceId()));
    });
    assert.deepEqual(names(await all(api, key, 'own_tabs')), Array.from({ length: 40 }, (_, n) => n));
  });
});

test('web: events of a page that is left at once arrive, by closing and by a link', async () => {
  await withDoor('leaving', async (api, key, door) => {
    const page_ = withSiyu(key, door.url, { attributes: 'data-auto-page="false" data-first-touch="false"' });
    await shop({ '*': page_ }, async (tabs, url) => {
      const closed = await tabs.newPage();
      await closed.goto(url);
      await ready(closed);
      await track(closed, 'own_last_words', 0, 3);
      await closed.close({ runBeforeUnload: false });
      const left = await tabs.newPage();
      await left.goto(url);
      await ready(left);
      await left.evaluate(() => {
        globalThis.siyu.track('own_last_words', { n: 3 });
        location.href = 'about:blank';
      });
      // A closed page hears no answer, so the next one may repeat its words.
      const arrived = () => door.requests.filter((request) => request.arrived).flatMap(({ body }) => JSON.parse(body).batch);
      await until(() => new Set(arrived().map((message) => message.id)).size === 4, 'the last words');
      assert.deepEqual(names(await all(api, key, 'own_last_words')), [0, 1, 2, 3]);
    });
  });
});

test('web: a page that ends while nothing gets through is heard on the next visit', async () => {
  await withDoor('next visit', async (api, key, door) => {
    await shop({ '*': withSiyu(key, door.url, { attributes: 'data-auto-page="false"' }) }, async (tabs, url) => {
      const page = await tabs.newPage();
      await page.goto(url);
      await ready(page);
      door.way = 'cut';
      await track(page, 'own_next_visit', 0, 3);
      await page.close();
      door.way = 'pass';
      const next = await tabs.newPage();
      await next.goto(url);
      await ready(next);
      await empty(next);
    });
    assert.deepEqual(names(await all(api, key, 'own_next_visit')), [0, 1, 2]);
  });
});

test('web: 503s, with and without words a page may read; lost answers; nothing lost, nothing twice', async () => {
  await withDoor('503', async (api, key, door) => {
    const permitted = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' };
    await shop({ '*': withSiyu(key, door.url, { attributes: 'data-auto-page="false"' }) }, async (tabs, url) => {
      const page = await tabs.newPage();
      await page.goto(url);
      await ready(page);
      door.ways = [
        { status: 503, headers: { ...permitted, 'retry-after': '1' } },
        // As a proxy in front would answer, which no page may read.
        { status: 503, body: '<html>' },
        'unheard',
        { status: 200, headers: permitted, body: '<html>please log in</html>' },
      ];
      await track(page, 'own_503', 0, 10);
      await flush(page);
      await until(() => door.ways.length === 0, 'every fault to be met');
      await empty(page);
    });
    assert.equal(door.requests.length, 5);
    assert.deepEqual(names(await all(api, key, 'own_503')), Array.from({ length: 10 }, (_, n) => n));
  });
});

test('web: what the server tells to wait is kept to across pages', async () => {
  await withDoor('retry-after', async (api, key, door) => {
    await shop({ '*': withSiyu(key, door.url, { attributes: 'data-auto-page="false"' }) }, async (tabs, url) => {
      const page = await tabs.newPage();
      await page.goto(url);
      await ready(page);
      const envelope = { error: { code: 'overloaded', message: '', params: { retry_after_seconds: '3600' }, request_id: 'r' } };
      door.ways = [{ status: 503, headers: { 'access-control-allow-origin': '*' }, body: JSON.stringify(envelope) }];
      await track(page, 'own_wait', 0, 2);
      await flush(page);
      assert.equal(door.requests.length, 1);
      await page.reload();
      await ready(page);
      await track(page, 'own_wait', 2, 3);
      await flush(page);
      await page.close();
      assert.equal(door.requests.length, 1, 'nobody asked again');
    });
  });
});

test('web: a clock two hours wrong, ahead or behind, gives the right time', async () => {
  await withDoor('clock', async (api, key, door) => {
    for (const hours of [2, -2]) {
      await shop({ '*': withSiyu(key, door.url, { attributes: 'data-auto-page="false"' }) }, async (tabs, url) => {
        await tabs.addInitScript((shift) => {
          const real = Date.now;
          Date.now = () => real() + shift;
        }, hours * 3_600_000);
        const page = await tabs.newPage();
        await page.goto(url);
        await ready(page);
        await page.evaluate((n) => globalThis.siyu.track('own_clock', { n }), hours);
        await flush(page);
        await empty(page);
      });
    }
    const found = await all(api, key, 'own_clock');
    assert.deepEqual(names(found), [-2, 2]);
    for (const { time } of found) {
      const off = Math.abs(new Date(time).getTime() - Date.now());
      assert.ok(off < 60_000, `${off} ms off`);
    }
  });
});

test('web: a body as gzip arrives, without asking the browser for a preflight', async () => {
  await withDoor('gzip', async (api, key, door) => {
    const page_ = `<!doctype html><meta charset="utf-8"><body><script type="module">
      import { init } from '/siyu.mjs';
      globalThis.siyu = init({ key: '${key}', url: '${door.url}', compress: true, autoPage: false, firstTouch: false });
    </script></body>`;
    await shop({ '*': page_ }, async (tabs, url) => {
      const page = await tabs.newPage();
      await page.goto(url);
      await ready(page);
      await track(page, 'own_gzip', 0, 15);
      await flush(page);
      await empty(page);
    });
    const [{ body, type }] = door.requests;
    assert.equal(JSON.parse(gunzipSync(body)).batch.length, 15);
    assert.match(type, /^text\/plain/);
    assert.equal((await all(api, key, 'own_gzip')).length, 15);
  });
});

test('web: before consent nothing is stored or sent; after it everything; after a no nothing is left', async () => {
  await withDoor('consent', async (api, key, door) => {
    await shop({ '*': withSiyu(key, door.url, { attributes: 'data-consent="required"' }) }, async (tabs, url) => {
      const left = async (page) => [
        ...(await page.evaluate(() => Object.keys(localStorage))),
        ...(await tabs.cookies()).map((cookie) => cookie.name),
        ...(await page.evaluate(() => indexedDB.databases())).map((one) => one.name),
      ];
      const page = await tabs.newPage();
      await page.goto(url);
      await ready(page);
      await track(page, 'own_consent', 0, 2);
      await flush(page);
      assert.deepEqual(await left(page), []);
      assert.equal(door.requests.length, 0);
      await page.evaluate(() => globalThis.siyu.optIn());
      await flush(page);
      await empty(page);
      assert.ok((await left(page)).includes('siyu_device'));
      await page.evaluate(() => globalThis.siyu.optOut());
      assert.deepEqual(await waiting(page), []);
      const stays = (await left(page)).filter((name) => name !== 'siyu');
      assert.deepEqual([...new Set(stays)], ['siyu_consent']);
    });
    assert.deepEqual(names(await all(api, key, 'own_consent')), [0, 1]);
  });
});

test('web: each person of a shared tablet has events of their own', async () => {
  await withDoor('tablet', async (api, key, door) => {
    await shop({ '*': withSiyu(key, door.url, { attributes: 'data-auto-page="false"' }) }, async (tabs, url) => {
      const page = await tabs.newPage();
      await page.goto(url);
      await ready(page);
      await page.evaluate(async () => {
        const { siyu } = globalThis;
        siyu.track('own_tablet', { n: 1 });
        siyu.identify('tablet_a');
        siyu.track('own_tablet', { n: 2 });
        siyu.reset();
        siyu.track('own_tablet', { n: 3 });
        siyu.identify('tablet_b');
        siyu.identify('tablet_c');
        siyu.track('own_tablet', { n: 4 });
        await siyu.flush();
      });
      await empty(page);
    });
    await all(api, key, 'own_tablet');
    for (const [login, expected] of [['tablet_a', [1, 2]], ['tablet_b', [3]], ['tablet_c', [4]]]) {
      const who = await person(api, login);
      const { items } = await api.get(`/people/${who.person}/events`);
      assert.deepEqual(names(items.filter((item) => item.event === 'own_tablet')), expected, login);
    }
  });
});
