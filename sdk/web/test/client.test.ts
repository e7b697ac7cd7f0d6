import { expect, test } from 'vitest';
import { Client } from '../src/client';
import { MESSAGES_MAX } from '../src/queue';
import { FakeWorld, settle } from './fake_world';

const quiet = { autoPage: false };
const ok = { status: 200, retryAfter: null };

function client(world: FakeWorld, options = quiet): Client {
  return new Client(world, 'wk_test', 'https://siyu.example/', options);
}

test('events go out in batches, in order, after a short while', async () => {
  const world = new FakeWorld();
  const siyu = client(world);
  siyu.track('one');
  siyu.track('two', { amount_minor: 1600 });
  await world.pass(2_999);
  expect(world.requests).toHaveLength(0);
  await world.pass(1);
  expect(world.requests).toHaveLength(1);
  expect(world.requests[0]?.url).toBe('https://siyu.example/api/v1/collect?key=wk_test');
  expect(world.sent().map((message) => message['event'])).toEqual(['one', 'two']);
  expect(world.entries.size).toBe(1); // only the state is left
});

test('a full batch does not wait', async () => {
  const world = new FakeWorld();
  const siyu = client(world);
  for (let index = 0; index < 20; index++) siyu.track(`e${index}`);
  await world.pass(0);
  expect(world.sent()).toHaveLength(20);
});

test('what failed is sent again later, once more and with the same ids', async () => {
  const world = new FakeWorld();
  world.replies = ['network', { status: 503, retryAfter: null }, ok];
  client(world).track('one');
  await world.pass(3_000);
  expect(world.requests).toHaveLength(1);
  await world.pass(749); // half of 1 s, and half of the other half by chance
  expect(world.requests).toHaveLength(1);
  await world.pass(1);
  expect(world.requests).toHaveLength(2);
  await world.pass(1_500);
  expect(world.requests).toHaveLength(3);
  expect(new Set(world.sent().map((message) => message['id'])).size).toBe(1);
  await world.pass(60 * 60_000);
  expect(world.requests).toHaveLength(3);
});

test.each([
  ['120', 120_000],
  [new Date(Date.UTC(2026, 10, 21, 6, 5, 3) + 60_000).toUTCString(), 60_000],
  ['soon', 750],
])('Retry-After: %s is kept to', async (retryAfter, millis) => {
  const world = new FakeWorld();
  world.replies = [{ status: 429, retryAfter }];
  client(world).track('one');
  await world.pass(3_000);
  await world.pass(millis - 1);
  expect(world.requests).toHaveLength(1);
  await world.pass(1);
  expect(world.requests).toHaveLength(2);
});

test('the wait grows to five minutes and no further', async () => {
  const world = new FakeWorld();
  world.replies = Array.from({ length: 30 }, () => 'network' as const);
  client(world).track('one');
  await world.pass(3_600_000);
  const before = world.requests.length;
  await world.pass(225_000); // 300 s, half of it fixed and a quarter by chance
  expect(world.requests.length).toBe(before + 1);
});

test('a body that is too large is halved; one that is wrong is dropped', async () => {
  const world = new FakeWorld();
  world.replies = [{ status: 413, retryAfter: null }, ok, ok, { status: 422, retryAfter: null }];
  const siyu = client(world);
  for (const name of ['a', 'b', 'c', 'd']) siyu.track(name);
  await world.pass(3_000);
  expect(world.requests.map((request) => request.body.batch.length)).toEqual([4, 2, 2]);
  siyu.track('wrong');
  await world.pass(3_000);
  siyu.track('right');
  await world.pass(3_000);
  expect(world.sent().at(-1)?.['event']).toBe('right');
  expect(world.entries.size).toBe(1);
});

test('the queue survives the page', async () => {
  const world = new FakeWorld();
  world.replies = ['network'];
  client(world).track('kept');
  await world.pass(3_000);
  const next = world.nextPage();
  client(next);
  await next.pass(0);
  expect(next.sent().map((message) => message['event'])).toEqual(['kept']);
});

test('without storage everything still works', async () => {
  const world = new FakeWorld();
  world.storage = null;
  client(world).track('one');
  await world.pass(3_000);
  expect(world.sent()).toHaveLength(1);
  expect(world.cookies.get('siyu_device')).toBe(world.sent()[0]?.['device']);
});

test('leaving sends at once, by beacon when the request is refused, and again on the next visit', async () => {
  const world = new FakeWorld();
  world.replies = ['network'];
  client(world).track('last');
  world.happen('leave');
  await settle();
  expect(world.requests[0]?.leaving).toBe(true);
  expect(world.beacons).toHaveLength(1);
  const next = world.nextPage();
  client(next);
  await next.pass(0);
  expect(next.sent()[0]?.['id']).toBe(world.sent()[0]?.['id']);
});

test('the queue is bounded and keeps the newest', () => {
  const world = new FakeWorld();
  world.replies = ['network'];
  const siyu = client(world);
  for (let index = 0; index < MESSAGES_MAX + 10; index++) siyu.track(`e${index}`);
  const queued = [...world.entries.keys()].filter((key) => key.startsWith('siyu.queue.'));
  expect(queued).toHaveLength(MESSAGES_MAX);
  const names = queued.map((key) => JSON.parse(world.entries.get(key) ?? '{}').event);
  expect(names).toContain(`e${MESSAGES_MAX + 9}`);
  expect(names).not.toContain('e9');
});

test('views are counted on load and on every other address', async () => {
  const world = new FakeWorld();
  client(world, { autoPage: true });
  world.go('/cart');
  world.go('/cart');
  world.go('/cart', '?step=2');
  await world.pass(3_000);
  const paths = world.sent().map((message) => (message['properties'] as Record<string, unknown>)['url']);
  expect(paths).toEqual([
    'https://shop.example/?utm_source=wechat&utm_campaign=spring',
    'https://shop.example/cart',
    'https://shop.example/cart?step=2',
  ]);
});

test('the visit and its source last half an hour of silence, or until another campaign', async () => {
  const world = new FakeWorld();
  const siyu = client(world);
  const context = (): Record<string, unknown> => {
    siyu.track('look');
    const stored = [...world.entries.entries()].filter(([key]) => key.startsWith('siyu.queue.')).sort().at(-1);
    return JSON.parse(stored?.[1] ?? '{}').properties;
  };
  const first = context();
  expect(first['utm_source']).toBe('wechat');
  world.go('/other');
  world.time += 29 * 60_000;
  expect(context()['session_id']).toBe(first['session_id']);
  expect(context()['utm_campaign']).toBe('spring');
  world.go('/', '?utm_source=douyin');
  const second = context();
  expect(second['session_id']).not.toBe(first['session_id']);
  expect(second['utm_campaign']).toBeUndefined();
  world.time += 30 * 60_000;
  expect(context()['session_id']).not.toBe(second['session_id']);
});

test('who logs in stays known, and reset makes somebody else', async () => {
  const world = new FakeWorld();
  const siyu = client(world);
  siyu.register({ shop: '上海' });
  siyu.identify('m_1', { member_level: '金卡' }, { phone: '13800000001' });
  siyu.track('after');
  const device = siyu.deviceId();
  siyu.reset();
  siyu.track('stranger');
  await world.pass(3_000);
  const [identify, after, stranger] = world.sent();
  expect(identify).toMatchObject({ type: 'identify', login: 'm_1', identifiers: { phone: '13800000001' }, device });
  expect(after).toMatchObject({ login: 'm_1', device, properties: { shop: '上海' } });
  expect(stranger?.['login']).toBeUndefined();
  expect(stranger?.['device']).not.toBe(device);
  expect(stranger?.['properties']).not.toHaveProperty('shop');
});

test('opting out collects nothing and forgets what waits', async () => {
  const world = new FakeWorld();
  const siyu = client(world);
  siyu.track('before');
  siyu.optOut();
  siyu.track('during');
  const next = world.nextPage();
  const again = client(next);
  again.track('still');
  await next.pass(10_000);
  expect([...world.requests, ...next.requests]).toHaveLength(0);
  again.optIn();
  again.track('back');
  await next.pass(3_000);
  expect(next.sent().map((message) => message['event'])).toEqual(['back']);
});
