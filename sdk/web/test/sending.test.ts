import { expect, test } from 'vitest';
import { failure, FakeWorld, ok, reply, settle, type Fate } from './fake_world';
import { start } from './start';

test('events go out in batches, in order, after a short while', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  siyu.track('one');
  siyu.track('two', { amount_minor: 1600 });
  await world.pass(2_999);
  expect(world.requests).toHaveLength(0);
  await world.pass(1);
  expect(world.requests).toHaveLength(1);
  expect(world.requests[0]?.url).toBe('https://siyu.example/api/v1/collect?key=wk_test');
  expect(world.names()).toEqual(['one', 'two']);
  expect(world.disk.shelf.size).toBe(0);
});

test('a full batch does not wait, and no request holds more than 50', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  for (let index = 0; index < 120; index++) siyu.track(`e${index}`);
  await world.pass(0);
  expect(world.requests.map((request) => request.body.batch.length)).toEqual([50, 50, 20]);
});

test('a request keeps to 64 KiB, with three bytes for a Chinese letter', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  for (let index = 0; index < 30; index++) siyu.track('long', { text: '长'.repeat(3_000) });
  await world.pass(3_000);
  expect(world.sent()).toHaveLength(30);
  for (const { body } of world.requests) expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(60_000);
});

test('what failed is sent again later, once more and with the same ids', async () => {
  const world = new FakeWorld();
  world.replies = ['network', reply(503)];
  start(world).track('one');
  await world.pass(3_000);
  expect(world.requests).toHaveLength(1);
  await world.pass(499); // half of a second by chance
  expect(world.requests).toHaveLength(1);
  await world.pass(1);
  expect(world.requests).toHaveLength(2);
  await world.pass(1_000);
  expect(world.requests).toHaveLength(3);
  expect(new Set(world.sent().map((message) => message['id'])).size).toBe(1);
  await world.pass(60 * 60_000);
  expect(world.requests).toHaveLength(3);
});

test('chance may shorten a wait to a fifth of a second and no further', async () => {
  const world = new FakeWorld();
  world.chance = () => 0;
  world.replies = ['network'];
  start(world).track('one');
  await world.pass(3_199);
  expect(world.requests).toHaveLength(1);
  await world.pass(1);
  expect(world.requests).toHaveLength(2);
});

test.each<[string, Fate, number]>([
  ['seconds', reply(429, '', '120'), 120_000],
  ['a date', reply(503, '', new Date(Date.UTC(2026, 10, 21, 6, 5, 3) + 60_000).toUTCString()), 60_000],
  ['nonsense', reply(503, '', 'soon'), 0],
  ['the envelope, where the header cannot be read', failure(503, 'overloaded', { retry_after_seconds: '40' }), 40_000],
])('Retry-After is kept to: %s', async (_, fate, millis) => {
  const world = new FakeWorld();
  world.replies = [fate];
  start(world).track('one');
  await world.pass(3_000);
  const wait = Math.max(500, millis * 1.05);
  await world.pass(wait - 1);
  expect(world.requests).toHaveLength(1);
  await world.pass(1);
  expect(world.requests).toHaveLength(2);
});

test('what the server asks for holds for the next page, other tabs, leaving and the online event', async () => {
  const world = new FakeWorld();
  world.replies = [failure(503, 'overloaded', { retry_after_seconds: '100' })];
  start(world).track('one');
  await world.pass(3_000);
  const tab = world.tab();
  start(tab).track('two');
  const next = world.nextPage();
  start(next).track('three');
  next.happen('online');
  next.happen('leave');
  await next.pass(90_000);
  expect([...tab.requests, ...next.requests]).toHaveLength(0);
  await next.pass(20_000);
  expect(new Set([...tab.names(), ...next.names()])).toEqual(new Set(['one', 'two', 'three']));
});

test('a pause does not outlive a clock that was set back', async () => {
  const world = new FakeWorld();
  world.replies = [failure(503, 'overloaded', { retry_after_seconds: '100' })];
  start(world).track('one');
  await world.pass(3_000);
  const next = world.nextPage();
  next.setClock(-7_200_000);
  start(next).track('two');
  await next.pass(3_000);
  expect(next.names().sort()).toEqual(['one', 'two']);
});

test('the wait grows to five minutes and no further', async () => {
  const world = new FakeWorld();
  world.server = () => 'network';
  start(world).track('one');
  await world.pass(3_600_000);
  const before = world.requests.length;
  await world.pass(150_000); // half of 300 s by chance
  expect(world.requests.length).toBe(before + 1);
});

test('one message that siyu refuses does not cost the others, and is told', async () => {
  const world = new FakeWorld();
  world.server = (request) => (request.body.batch.some((one) => one['event'] === 'bad') ? failure(422, 'malformed_body') : ok(request));
  const siyu = start(world);
  for (let index = 0; index < 11; index++) siyu.track(index === 6 ? 'bad' : `e${index}`);
  await world.pass(10_000);
  const arrived = world.requests.filter(({ body }) => !body.batch.some((one) => one['event'] === 'bad')).flatMap(({ body }) => body.batch);
  expect(arrived.filter((one) => String(one['event']).startsWith('e'))).toHaveLength(10);
  expect(arrived.find((one) => one['event'] === 'queue_dropped')?.['properties']).toMatchObject({ dropped: 1, dropped_refused: 1 });
  const before = world.requests.length;
  await world.pass(3_600_000);
  expect(world.requests).toHaveLength(before);
});

test('what a firewall refuses is dropped once others pass', async () => {
  const world = new FakeWorld();
  world.server = (request) => (request.body.batch.some((one) => String(one['event']).startsWith('<')) ? reply(403, '<html>blocked') : ok(request));
  const siyu = start(world);
  for (const name of ['<script>', '<script>', 'fine', 'well']) siyu.track(name);
  await world.pass(30_000);
  expect(world.disk.shelf.size).toBe(0);
  const arrived = world.requests.flatMap(({ body }) => (body.batch.some((one) => String(one['event']).startsWith('<')) ? [] : body.batch));
  expect(arrived.map((one) => one['event'])).toEqual(['fine', 'well', 'queue_dropped']);
  expect(arrived[2]?.['properties']).toMatchObject({ dropped_refused: 2 });
});

test('a firewall that refuses everything costs nothing', async () => {
  const world = new FakeWorld();
  let open = false;
  world.server = (request) => (open ? ok(request) : reply(403, 'no'));
  const siyu = start(world);
  for (let index = 0; index < 12; index++) siyu.track(`e${index}`);
  await world.pass(3_600_000);
  expect(world.requests.length).toBeLessThan(200);
  expect(world.disk.shelf.size).toBe(12);
  open = true;
  const before = world.requests.length;
  await world.pass(600_000);
  expect(new Set(world.requests.slice(before).flatMap(({ body }) => body.batch.map((one) => one['event']))).size).toBe(12);
});

test.each<[string, Fate]>([
  ['an unknown key', failure(401, 'invalid_key')],
  ['a wrong address', reply(404, 'not found')],
  ['a log-in page of a hotel network', reply(200, '<html>welcome</html>')],
  ['an empty 204', reply(204)],
])('%s loses nothing and is not asked without end', async (_, fate) => {
  const world = new FakeWorld();
  let wrong = true;
  world.server = (request) => (wrong ? fate : ok(request));
  const siyu = start(world);
  siyu.track('one');
  siyu.track('two');
  await world.pass(3_600_000);
  expect(world.requests.length).toBeLessThan(40);
  expect(world.disk.shelf.size).toBe(2);
  wrong = false;
  await world.pass(300_000);
  expect(world.disk.shelf.size).toBe(0);
});

test('offline asks nobody, and online goes on at once', async () => {
  const world = new FakeWorld();
  world.connected = false;
  start(world).track('one');
  await world.pass(60_000);
  expect(world.requests).toHaveLength(0);
  world.connected = true;
  world.happen('online');
  await world.pass(0);
  expect(world.names()).toEqual(['one']);
});

test('leaving sends at once, by beacon when the request is refused, and again on the next visit', async () => {
  const world = new FakeWorld();
  world.replies = ['network'];
  start(world).track('last');
  world.happen('leave');
  await settle();
  expect(world.requests[0]?.keepalive).toBe(true);
  expect(world.beacons).toHaveLength(1);
  const next = world.nextPage();
  start(next);
  await next.pass(0);
  expect(next.sent()[0]?.['id']).toBe(world.sent()[0]?.['id']);
});

test('leaving twice sends once, and a tab that comes back does not send again', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  siyu.track('seen');
  world.happen('leave');
  world.happen('leave');
  await world.pass(60_000);
  expect(world.names()).toEqual(['seen']);
});

test('requests that outlive the page hold 64 KiB in all', async () => {
  const world = new FakeWorld();
  let open: () => void = () => undefined;
  world.server = (request) => new Promise((resolve) => (open = () => resolve(ok(request))));
  const siyu = start(world);
  for (let index = 0; index < 12; index++) siyu.track('long', { text: 'x'.repeat(8_000) });
  await world.pass(3_000);
  world.happen('leave');
  await settle();
  const bytes = world.requests.filter((request) => request.keepalive).map(({ body }) => JSON.stringify(body).length);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(65_536);
  open();
});

test('two tabs share the queue without sending twice', async () => {
  const one = new FakeWorld();
  const two = one.tab();
  const [first, second] = [start(one), start(two)];
  for (let index = 0; index < 30; index++) (index % 2 ? first : second).track(`e${index}`);
  await one.pass(10_000);
  const names = [...one.names(), ...two.names()];
  expect(names).toHaveLength(30);
  expect(new Set(names).size).toBe(30);
});

test('each try says when it was sent, so that a wrong clock can be seen', async () => {
  const world = new FakeWorld();
  world.replies = ['network'];
  start(world).track('one');
  await world.pass(10_000);
  const [first, second] = world.requests;
  expect(first?.body.sent_at).toBe(Date.UTC(2026, 10, 21, 6, 5, 3));
  expect(second?.body.sent_at).toBe(first!.body.sent_at + 500);
});
