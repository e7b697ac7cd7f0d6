import { expect, test } from 'vitest';
import { MESSAGES_MAX } from '../src/queue';
import { FakeWorld, reply, settle } from './fake_world';
import { start } from './start';

test('the queue survives the page', async () => {
  const world = new FakeWorld();
  world.replies = ['network'];
  start(world).track('kept');
  await world.pass(3_000);
  const next = world.nextPage();
  start(next);
  await next.pass(0);
  expect(next.names()).toEqual(['kept']);
});

test.each(['missing', 'refuses'] as const)('when the database is %s, localStorage keeps it', async (database) => {
  const world = new FakeWorld();
  world.database = database;
  world.connected = false;
  const siyu = start(world);
  siyu.track('one');
  siyu.track('two');
  await world.pass(3_000);
  const next = world.nextPage();
  start(next);
  await next.pass(0);
  expect(next.names()).toEqual(['one', 'two']);
  expect([...world.disk.entries.keys()].filter((key) => key.startsWith('siyu.queue.'))).toEqual([]);
});

test('without any storage everything still works', async () => {
  const world = new FakeWorld();
  world.storage = null;
  world.database = 'missing';
  const siyu = start(world);
  siyu.track('one');
  siyu.track('two');
  await world.pass(3_000);
  expect(world.names()).toEqual(['one', 'two']);
  expect(world.disk.cookies.get('siyu_device')).toBe(world.sent()[0]?.['device']);
  expect(new Set(world.sent().map((one) => (one['properties'] as Record<string, unknown>)['session_id'])).size).toBe(1);
});

test('storage that is full loses nothing while the page lives, and keeps the visit', async () => {
  const world = new FakeWorld();
  world.database = 'refuses';
  world.storageFull = true;
  const siyu = start(world);
  for (let index = 0; index < 5; index++) siyu.track(`e${index}`);
  await world.pass(3_000);
  expect(world.names()).toHaveLength(5);
  expect(new Set(world.sent().map((one) => (one['properties'] as Record<string, unknown>)['session_id'])).size).toBe(1);
});

test('a page that ends before the database has written loses nothing', async () => {
  const world = new FakeWorld();
  world.server = () => 'network';
  const siyu = start(world);
  await settle();
  siyu.track('last words');
  world.happen('leave');
  const next = world.nextPage();
  next.server = () => reply(200);
  start(next);
  await next.pass(0);
  expect(next.names()).toEqual(['last words']);
});

test('what was delivered before the database had written it is not left there', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  await settle();
  world.database = 'slow';
  siyu.track('quick');
  await settle();
  world.happen('leave');
  await world.pass(1_000);
  expect(world.names()).toEqual(['quick']);
  expect(world.disk.shelf.size).toBe(0);
  expect([...world.disk.entries.keys()].filter((key) => key.startsWith('siyu.queue.'))).toEqual([]);
});

test('a database that forgets nothing does not send without end', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  world.database = 'forgets nothing';
  siyu.track('one');
  await world.pass(3_000);
  siyu.track('two');
  await world.pass(3_600_000);
  expect(world.names()).toEqual(['one', 'two']);
});

test('storage that somebody has written over costs what was written over, and is told', async () => {
  const world = new FakeWorld();
  world.disk.shelf.set('rubbish', '{');
  world.disk.shelf.set('0mi9dl3uo0.x', '{"type":"track"');
  world.disk.shelf.set('0mi9dl3uo1.y', 'null');
  world.disk.entries.set('siyu.queue.0mi9dl3uo2.z', '[1]');
  world.disk.entries.set('siyu.state', '{"device":7,"session":');
  world.disk.entries.set('siyu.pause', 'NaN x');
  world.disk.entries.set('siyu.lost', '12');
  world.disk.cookies.set('siyu_consent', 'maybe');
  start(world).track('one');
  await world.pass(10_000);
  expect(world.names()).toEqual(['one', 'queue_dropped']);
  expect(world.sent()[1]?.['properties']).toMatchObject({ dropped: 4, dropped_unreadable: 4 });
  expect(world.disk.shelf.size).toBe(0);
});

test('the queue is bounded in messages, keeps the newest and tells what it dropped', async () => {
  const world = new FakeWorld();
  world.connected = false;
  const siyu = start(world);
  for (let index = 0; index < MESSAGES_MAX + 10; index++) siyu.track(`e${index}`);
  await world.pass(1_000);
  expect(world.disk.shelf.size).toBe(MESSAGES_MAX);
  world.connected = true;
  world.happen('online');
  await world.pass(60_000);
  const names = world.names();
  expect(names).toContain(`e${MESSAGES_MAX + 9}`);
  expect(names).not.toContain('e9');
  const reports = world.sent().filter((one) => one['event'] === 'queue_dropped');
  expect(reports).toHaveLength(1);
  expect(reports[0]?.['properties']).toMatchObject({ dropped: 10, dropped_full: 10 });
});

test('what was dropped is told by the next page if this one could not', async () => {
  const world = new FakeWorld();
  world.connected = false;
  const siyu = start(world, { queueMessages: 3 });
  for (let index = 0; index < 5; index++) siyu.track(`e${index}`);
  await world.pass(1_000);
  const next = world.nextPage();
  start(next);
  await next.pass(10_000);
  expect(next.names()).toEqual(['e2', 'e3', 'e4', 'queue_dropped']);
  expect(next.sent()[3]?.['properties']).toMatchObject({ dropped_full: 2 });
});

test('the queue is bounded in bytes', async () => {
  const world = new FakeWorld();
  world.connected = false;
  const siyu = start(world, { queueBytes: 100_000 });
  for (let index = 0; index < 50; index++) siyu.track(`e${index}`, { text: '长'.repeat(2_000) });
  await world.pass(1_000);
  const texts = [...world.disk.shelf.values()];
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  expect(bytes).toBeLessThanOrEqual(100_000);
  expect(bytes).toBeGreaterThan(80_000);
  expect(texts.some((text) => text.includes('"e49"'))).toBe(true);
});

test('a clock that is set back keeps the order of events', async () => {
  const world = new FakeWorld();
  world.connected = false;
  const siyu = start(world);
  siyu.track('first');
  world.setClock(-7_200_000);
  siyu.track('second');
  await world.pass(1_000);
  const next = world.nextPage();
  const again = start(next);
  await settle();
  again.track('third');
  await next.pass(3_000);
  expect(next.names()).toEqual(['first', 'second', 'third']);
});
