// Whatever happens to pages and network, each event arrives, and counts once by its id.
import { expect, test } from 'vitest';
import { Disk, failure, FakeWorld, ok, reply, settle, type Fate, type Request } from './fake_world';
import { start } from './start';
import type { Client } from '../src/client';

/** mulberry32: small, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const LIVES = 100;
/** Machines that build other things meanwhile are slow. */
const MILLIS_MAX = 120_000;

interface Tab {
  world: FakeWorld;
  siyu: Client;
}

async function life(seed: number): Promise<{ tracked: string[]; counted: string[]; repeated: number }> {
  const random = seeded(seed);
  const disk = new Disk();
  const counted = new Map<string, string>();
  let repeated = 0;
  let well = false;
  const server = (request: Request): Fate => {
    const what = well ? 1 : random();
    if (what < 0.1) return 'network';
    if (what < 0.2) return random() < 0.5 ? reply(503) : failure(503, 'overloaded', { retry_after_seconds: String(Math.ceil(random() * 60)) });
    if (what < 0.25) return reply(200, '<html>captive</html>');
    for (const message of request.body.batch) {
      const id = String(message['id']);
      if (counted.has(id)) repeated += 1;
      counted.set(id, String(message['event']));
    }
    return what < 0.35 ? 'unheard' : ok(request);
  };
  const open = (): Tab => {
    const world = new FakeWorld(disk);
    world.server = server;
    world.chance = random;
    const database = random();
    world.database = database < 0.15 ? 'refuses' : database < 0.3 ? 'missing' : 'works';
    return { world, siyu: start(world) };
  };
  const tracked: string[] = [];
  const tabs = [open()];
  for (let step = 0; step < 80; step++) {
    const index = Math.floor(random() * tabs.length);
    const { world, siyu } = tabs[index]!;
    const what = random();
    if (what < 0.5) {
      const name = `s${seed}n${tracked.length}`;
      tracked.push(name);
      siyu.track(name);
      // A tab that is killed before a turn of its loop may lose what it just made.
      await settle();
    } else if (what < 0.6) world.connected = !world.connected;
    else if (what < 0.65) world.happen('online');
    else if (what < 0.75) world.happen('leave');
    else if (what < 0.83) {
      if (random() < 0.5) world.happen('leave');
      world.kill();
      tabs[index] = open();
    } else if (what < 0.87 && tabs.length < 3) tabs.push(open());
    else if (what < 0.89) world.setClock(Math.floor((random() - 0.5) * 4 * 3_600_000));
    else await world.pass(Math.floor(random() * 20_000));
  }
  well = true;
  for (const { world } of tabs) world.kill();
  // The browser is mended, and comes once more.
  const last = new FakeWorld(disk);
  last.server = server;
  start(last);
  await last.pass(25 * 3_600_000);
  return { tracked, counted: [...counted.values()].filter((name) => name !== 'queue_dropped'), repeated };
}

test('random lives of a browser: every event arrives exactly once by id', async () => {
  for (let seed = 1; seed <= LIVES; seed++) {
    const { tracked, counted } = await life(seed);
    expect([...counted].sort(), `seed ${seed}`).toEqual([...tracked].sort());
  }
}, MILLIS_MAX);

test('where nothing fails, nothing is sent twice', async () => {
  const disk = new Disk();
  const random = seeded(7);
  const tabs = [1, 2, 3].map(() => new FakeWorld(disk));
  const clients = tabs.map((world) => start(world));
  for (let step = 0; step < 300; step++) {
    clients[Math.floor(random() * 3)]!.track(`e${step}`);
    if (random() < 0.2) await tabs[0]!.pass(Math.floor(random() * 4_000));
    if (random() < 0.05) {
      await tabs[0]!.pass(0);
      tabs[1]!.happen('leave');
    }
  }
  await tabs[0]!.pass(60_000);
  const ids = tabs.flatMap((world) => world.sent().map((one) => one['id']));
  expect(new Set(ids).size).toBe(300);
  expect(ids).toHaveLength(300);
});
