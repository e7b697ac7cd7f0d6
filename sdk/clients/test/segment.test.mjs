// Segment's SDK for servers, unmodified: only its host points to siyu.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Analytics } from '@segment/analytics-node';
import { events, person, signIn, writeKey } from '../server.mjs';

test('track, identify, page and alias of one person', async () => {
  const api = await signIn();
  const analytics = new Analytics({ writeKey: await writeKey(api, 'segment'), host: api.url, maxRetries: 0 });
  const refused = [];
  analytics.on('error', (error) => refused.push(error));
  analytics.track({ anonymousId: 'seg_device_1', event: 'seg_before', properties: { plan: '年卡' } });
  analytics.identify({ anonymousId: 'seg_device_1', userId: 'seg_1', traits: { city: '杭州', age: 30 } });
  analytics.page({ userId: 'seg_1', name: 'Home', properties: { path: '/home' } });
  analytics.track({ userId: 'seg_1', event: 'seg_paid', properties: { revenue: 12.5, items: ['a', 'b'] } });
  await analytics.closeAndFlush();
  assert.deepEqual(refused, []);

  const [paid] = await events(api, 'seg_paid');
  assert.equal(paid.props.revenue, 12.5);
  const who = await person(api, 'seg_1');
  assert.equal(who.attributes.city, '杭州');
  assert.equal(who.attributes.age, 30);
  const { items } = await api.get(`/people/${who.person}/events`);
  const names = items.map((item) => item.event);
  for (const name of ['seg_before', 'seg_paid', 'page_view']) assert.ok(names.includes(name), name);
});

test('a batch that is sent twice counts once', async () => {
  const api = await signIn();
  const key = await writeKey(api, 'segment twice');
  const batch = [{ type: 'track', messageId: 'twice-1', userId: 'seg_2', event: 'seg_twice', timestamp: new Date() }];
  for (let time = 0; time < 2; time++) {
    const reply = await fetch(`${api.url}/v1/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${key}:`)}` },
      body: JSON.stringify({ batch, sentAt: new Date() }),
    });
    assert.equal(reply.status, 200);
  }
  await events(api, 'seg_twice');
  // A later event shows that everything before it has been applied.
  const marker = { type: 'track', messageId: 'twice-2', userId: 'seg_2', event: 'seg_marker' };
  await fetch(`${api.url}/v1/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${key}:`)}` },
    body: JSON.stringify({ batch: [marker] }),
  });
  await events(api, 'seg_marker');
  assert.equal((await events(api, 'seg_twice')).length, 1);
});
