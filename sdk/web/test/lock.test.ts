import { expect, test } from 'vitest';
import { LEASE_MILLIS, leased } from '../src/lock';
import { FakeWorld, settle } from './fake_world';

const gate = (): { wait: Promise<void>; open: () => void } => {
  let open: () => void = () => undefined;
  const wait = new Promise<void>((resolve) => (open = resolve));
  return { wait, open };
};

test('of two pages one works at a time, for as long as it takes', async () => {
  const world = new FakeWorld();
  const log: string[] = [];
  const first = gate();
  const one = leased(world.storage!, world, 'one', async () => {
    log.push('one in');
    await first.wait;
    log.push('one out');
  });
  await world.pass(10);
  const two = leased(world.storage!, world, 'two', async () => void log.push('two'));
  await world.pass(30_000);
  expect(log).toEqual(['one in']);
  first.open();
  await settle();
  await world.pass(1_000);
  await Promise.all([one, two]);
  expect(log).toEqual(['one in', 'one out', 'two']);
  expect(world.disk.entries.size).toBe(0);
});

test('of two pages that ask at once only one works', async () => {
  const world = new FakeWorld();
  const log: string[] = [];
  const first = gate();
  for (const name of ['one', 'two']) {
    void leased(world.storage!, world, name, async () => {
      log.push(name);
      await first.wait;
    });
  }
  await world.pass(1_000);
  expect(log).toHaveLength(1);
  first.open();
  await world.pass(1_000);
  expect(log).toHaveLength(2);
});

test.each([
  ['left by a page that died', LEASE_MILLIS + 1],
  ['made before the clock was set back', -7_200_000],
])('a lease %s does not last', async (_, shift) => {
  const world = new FakeWorld();
  world.disk.entries.set('siyu.lease', `dead ${world.now() + LEASE_MILLIS}`);
  world.setClock(shift);
  let ran = false;
  const done = leased(world.storage!, world, 'two', async () => void (ran = true));
  await world.pass(200);
  await done;
  expect(ran).toBe(true);
});

test('a page gives up when another never lets go', async () => {
  const world = new FakeWorld();
  void leased(world.storage!, world, 'one', () => new Promise(() => undefined));
  await world.pass(100);
  let refused = false;
  void leased(world.storage!, world, 'two', async () => undefined).catch(() => (refused = true));
  await world.pass(120_000);
  expect(refused).toBe(true);
});
