// The automatic part of our web SDK, in a real browser: what is told, and what never is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doorTo, shop, until, withSiyu } from '../own_world.mjs';

const body = `
  <a id="more" href="/more?token=secret#x"><b>更多 可颂</b></a>
  <button id="buy" data-siyu-event="cart_add" data-siyu-prop-item_id="A1">加入购物车</button>
  <button id="hidden" data-siyu-ignore>不要</button>
  <button id="who"><span data-siyu-mask>林一 13800000001</span></button>
  <form id="order" onsubmit="event.preventDefault()"><input name="phone"><input name="card" data-siyu-ignore><button id="send">提交</button></form>
  <form id="coupon"><input name="code"></form>
  <div style="height:3000px"></div>
  <div id="banner" data-siyu-expose="banner_summer" data-siyu-prop-place="foot" style="height:100px">夏</div>`;

/** Sends what the plugins say to a door that keeps it, and answers as siyu would. */
async function withPlugins(plugins, act) {
  const door = await doorTo('http://127.0.0.1:9');
  const permit = { 'access-control-allow-origin': '*' };
  door.way = { status: 200, headers: permit, body: '{"accepted":1,"rejected":[]}' };
  try {
    const page_ = withSiyu('wk_test', door.url, { attributes: `data-plugins="${plugins}"`, body });
    await shop({ '*': page_ }, async (tabs, url) => {
      const page = await tabs.newPage();
      const loaded = plugins.split(' ').filter(Boolean).map((name) => page.waitForResponse(`${url}/siyu.${name}.js`));
      await page.goto(`${url}/?q=1`);
      await Promise.all(loaded);
      await page.waitForFunction(() => typeof globalThis.siyu?.deviceId === 'function');
      await page.evaluate(() => globalThis.siyu.flush());
      await act(page, async (name, count = 1) => {
        // A page that was left has said what it had to say.
        await page.evaluate(() => globalThis.siyu?.flush());
        return until(() => {
          const found = messages(door).filter((message) => message.event === name);
          return found.length >= count && found.map((message) => message.properties);
        }, `${count} ${name}`);
      });
    });
    return messages(door);
  } finally {
    door.close();
  }
}

const messages = (door) => door.requests.flatMap((request) => JSON.parse(request.body).batch);

test('web plugins: clicks, with marks, without what is ignored or masked', async () => {
  const sent = await withPlugins('clicks', async (page, told) => {
    await page.evaluate(() => document.addEventListener('click', (event) => event.preventDefault()));
    await page.click('#more b');
    await page.click('#hidden');
    await page.click('#who');
    await page.click('#buy');
    const [cart] = await told('cart_add');
    assert.equal(cart.item_id, 'A1');
    assert.equal(cart.element_text, '加入购物车');
    const [more, who] = await told('element_click', 2);
    assert.equal(more.element_text, '更多 可颂');
    assert.match(more.element_link, /\/more$/);
    assert.equal(who.element_id, 'who');
  });
  assert.doesNotMatch(JSON.stringify(sent), /不要|林一|13800000001|secret/);
});

test('web plugins: forms, by names of fields, never what was typed', async () => {
  const sent = await withPlugins('forms clicks', async (page, told) => {
    await page.fill('[name=phone]', '13912345678');
    await page.fill('[name=card]', '6222020000');
    await page.click('#send');
    const [submitted] = await told('form_submit');
    assert.deepEqual([submitted.form, submitted.form_fields, submitted.last_field], ['order', ['phone'], 'phone']);
    await page.fill('[name=code]', 'SUMMER');
    await told('form_start', 2);
    await page.goto('about:blank');
    await told('form_abandon');
  });
  const abandoned = sent.filter((message) => message.event === 'form_abandon').map((message) => message.properties);
  assert.deepEqual(abandoned.map((one) => [one.form, one.last_field]), [['coupon', 'code']]);
  assert.doesNotMatch(JSON.stringify(sent), /13912345678|6222020000|SUMMER/);
});

test('web plugins: what came into view, once per page', async () => {
  await withPlugins('exposure', async (page, told) => {
    const view = () => page.evaluate(() => document.getElementById('banner').scrollIntoView());
    await view();
    const [seen] = await told('element_expose');
    assert.deepEqual([seen.exposure, seen.place], ['banner_summer', 'foot']);
    await page.evaluate(() => scrollTo(0, 0));
    await page.evaluate(() => {
      const late = document.createElement('div');
      late.setAttribute('data-siyu-expose', 'late');
      late.textContent = '来晚了';
      document.body.prepend(late);
    });
    const all = await told('element_expose', 2);
    assert.deepEqual(all.map((one) => one.exposure), ['banner_summer', 'late']);
  });
});

test('web plugins: the time a page was looked at, per view of an application', async () => {
  const sent = await withPlugins('stay', async (page, told) => {
    await page.waitForFunction(() => performance.now() > 2_500);
    await page.evaluate(() => history.pushState({}, '', '/next'));
    const [first] = await told('page_stay');
    assert.equal(first.path, '/');
    assert.ok(first.visible_millis >= 1_000 && first.visible_millis < 20_000, String(first.visible_millis));
    const before = await page.evaluate(() => performance.now());
    await page.waitForFunction((from) => performance.now() > from + 1_200, before);
    await page.goto('about:blank');
    await told('page_stay', 2);
  });
  const stays = sent.filter((message) => message.event === 'page_stay').map((message) => message.properties.path);
  assert.deepEqual(stays, ['/', '/next']);
});

test('web plugins: vitals once, and faults of the page once each', async () => {
  const sent = await withPlugins('vitals errors', async (page, told) => {
    await page.click('#who');
    await page.evaluate(() => {
      for (let time = 0; time < 3; time++) {
        dispatchEvent(new ErrorEvent('error', { message: 'it broke', filename: 'https://shop.example/a.js?secret=1', lineno: 7 }));
      }
      void Promise.resolve().then(() => dispatchEvent(new PromiseRejectionEvent('unhandledrejection', { promise: Promise.resolve(), reason: new Error('later') })));
    });
    const faults = await told('page_error', 2);
    assert.deepEqual(faults.map((one) => one.error_message), ['it broke', 'later']);
    assert.equal(faults[0].error_file, 'https://shop.example/a.js');
    await page.goto('about:blank');
    await told('web_vitals');
  });
  const vitals = sent.filter((message) => message.event === 'web_vitals');
  assert.equal(vitals.length, 1);
  const { lcp_millis: lcp, fcp_millis: fcp, cls, ttfb_millis: ttfb } = vitals[0].properties;
  for (const value of [lcp, fcp, cls, ttfb]) assert.equal(typeof value, 'number');
  assert.ok(ttfb <= fcp && fcp <= lcp, `${ttfb} ${fcp} ${lcp}`);
  assert.equal(sent.filter((message) => message.event === 'page_error').length, 2);
});
