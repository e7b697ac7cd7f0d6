// The Sensors SDK for web pages, unmodified, in a real browser: only its server
// address points to siyu. Each way it can send is tried.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { events, person, shopPage, signIn, writeKey } from '../server.mjs';

const sdk = readFileSync(createRequire(import.meta.url).resolve('sa-sdk-javascript/sensorsdata.min.js'), 'utf8');

for (const mode of ['image', 'ajax', 'beacon', 'batch']) {
  test(`by ${mode}: views, events, log-in and profile of one person`, async () => {
    const api = await signIn();
    const key = await writeKey(api, `sensors ${mode}`);
    const login = `sa_${mode}_1`;
    await shopPage({ '/sensors.js': sdk }, async (page, shop) => {
      await page.goto(`${shop}/bread?utm_source=wechat`);
      await page.addScriptTag({ url: `${shop}/sensors.js` });
      await page.evaluate(
        ([server, sendType, loginId]) => {
          const sensors = globalThis.sensorsDataAnalytic201505;
          sensors.init({
            server_url: server,
            send_type: sendType === 'batch' ? 'image' : sendType,
            batch_send: sendType === 'batch' ? { send_interval: 200 } : false,
            heatmap: { clickmap: 'not_collect', scroll_notice_map: 'not_collect' },
            is_track_single_page: true,
            show_log: false,
          });
          sensors.quick('autoTrack');
          sensors.track(`sa_buy_${sendType}`, { category: '烘焙', amount: 12.5, likes: ['面包', 'a+b'] });
          sensors.login(loginId);
          sensors.setProfile({ city: '上海+浦东' });
          sensors.track(`sa_after_${sendType}`, {});
        },
        [`${api.url}/sa?project=default&token=${key}`, mode, login],
      );
      const [after] = await events(api, `sa_after_${mode}`);
      assert.ok(after, 'the last event arrived');
    });
    const [bought] = await events(api, `sa_buy_${mode}`);
    assert.equal(bought.props.category, '烘焙');
    assert.equal(bought.props.amount, 12.5);
    assert.deepEqual(bought.props.likes, ['面包', 'a+b']);
    const who = await person(api, login);
    assert.equal(who.attributes.city, '上海+浦东');
    // What happened before the log-in belongs to the same person.
    const page = await api.get(`/people/${who.person}/events`);
    const names = page.items.map((item) => item.event);
    for (const name of ['page_view', `sa_buy_${mode}`, `sa_after_${mode}`]) assert.ok(names.includes(name), name);
  });
}
