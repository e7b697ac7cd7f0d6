import { expect, test } from 'vitest';
import { HELD_MAX } from '../src/client';
import { FakeWorld } from './fake_world';
import { start } from './start';

const clicked = (world: FakeWorld): FakeWorld => {
  world.go('/', '?utm_source=baidu&bd_vid=99&gclid=77');
  return world;
};
const traces = (world: FakeWorld): string[] => [...world.disk.entries.keys(), ...world.disk.shelf.keys(), ...world.disk.cookies.keys()];

test('before a decision nothing is stored and nothing is sent', async () => {
  const world = new FakeWorld();
  const siyu = start(world, { consent: 'required', autoPage: true });
  siyu.identify('A');
  siyu.register({ a: 1 });
  siyu.profile.set({ b: 2 });
  world.happen('leave');
  await world.pass(3_600_000);
  expect(world.requests).toHaveLength(0);
  expect(world.beacons).toHaveLength(0);
  expect(traces(world)).toEqual([]);
  expect(siyu.consented()).toBeNull();
});

test('a yes keeps what was held back, as one person with times of its own', async () => {
  const world = new FakeWorld();
  const siyu = start(world, { consent: 'required' });
  siyu.track('before');
  const began = world.time;
  await world.pass(60_000);
  siyu.optIn();
  siyu.track('after');
  await world.pass(3_000);
  expect(world.names()).toEqual(['before', 'consent_given', 'after']);
  expect(world.sent()[0]?.['time']).toBe(began);
  expect(new Set(world.sent().map((message) => message['device']))).toEqual(new Set([siyu.deviceId()]));
  expect(world.disk.cookies.get('siyu_device')).toBe(siyu.deviceId());
});

test('a yes on a device that is known already takes the known device for what was held', async () => {
  const world = new FakeWorld();
  const known = start(world).deviceId();
  const next = world.nextPage();
  next.disk.cookies.delete('siyu_consent');
  const siyu = start(next, { consent: 'required' });
  siyu.track('held');
  siyu.optIn();
  await next.pass(3_000);
  expect(next.sent()[0]).toMatchObject({ event: 'held', device: known });
});

test.each([
  ['the same person', 'A', true],
  ['another person', 'B', false],
])('who logs in before the decision is %s: the known device stays only theirs', async (_, login, same) => {
  const world = new FakeWorld();
  const before = start(world);
  before.identify('A');
  const known = before.deviceId();
  const siyu = start(world.nextPage(), { consent: 'required' });
  siyu.identify(login);
  siyu.optIn();
  siyu.track('after');
  expect(siyu.deviceId() === known).toBe(same);
  const next = world.tab();
  start(next).track('later');
  await next.pass(3_000);
  const later = world.disk.pages.flatMap((page) => page.sent()).find((message) => message['event'] === 'later');
  expect(later).toMatchObject({ login, device: siyu.deviceId() });
});

test('a no drops what was held back and leaves only the no', async () => {
  const world = new FakeWorld();
  const siyu = start(world, { consent: 'required' });
  siyu.track('before');
  siyu.optOut();
  siyu.track('after');
  siyu.identify('A');
  siyu.register({ a: 1 });
  const next = world.nextPage();
  start(next, { consent: 'required', autoPage: true }).track('later');
  await next.pass(60_000);
  expect([...world.requests, ...next.requests]).toHaveLength(0);
  expect(new Set(traces(world))).toEqual(new Set(['siyu_consent']));
});

test('a no later deletes the queue and the ids, and is kept to until a yes', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  siyu.track('before');
  const device = siyu.deviceId();
  await world.pass(100);
  world.disk.entries.set('siyu.language', 'not ours');
  siyu.optOut();
  siyu.track('during');
  await world.pass(60_000);
  expect(world.requests).toHaveLength(0);
  expect(new Set(traces(world))).toEqual(new Set(['siyu_consent', 'siyu.language']));
  siyu.optIn();
  siyu.track('back');
  await world.pass(3_000);
  expect(world.names()).toEqual(['consent_given', 'back']);
  expect(world.sent()[1]?.['device']).not.toBe(device);
});

test('a no right before a yes does not delete what comes after', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  siyu.track('gone');
  siyu.optOut();
  siyu.optIn();
  siyu.track('kept');
  await world.pass(10_000);
  expect(world.names()).toEqual(['consent_given', 'kept']);
});

test('a banner that says the same on every page is heard once', async () => {
  const world = new FakeWorld();
  start(world, { consent: 'required' }).optIn();
  await world.pass(3_000);
  const next = world.nextPage();
  const siyu = start(next, { consent: 'required' });
  siyu.optIn();
  siyu.track('page');
  siyu.consent({ marketing: false });
  await next.pass(3_000);
  expect([...world.names(), ...next.names()]).toEqual(['consent_given', 'page', 'consent_given']);
});

test('a no in one tab stops the others, at sending time too', async () => {
  const world = new FakeWorld();
  world.connected = false;
  const one = start(world);
  one.track('waiting here');
  await world.pass(10_000);
  const other = world.tab();
  start(other).optOut();
  await other.pass(10);
  world.connected = true;
  world.happen('online');
  world.happen('leave');
  await world.pass(60_000);
  one.track('more');
  await world.pass(60_000);
  expect(world.requests).toHaveLength(0);
  expect(new Set(traces(world))).toEqual(new Set(['siyu_consent']));
});

test('a no in one tab holds for what another tab has in memory only', async () => {
  const world = new FakeWorld();
  world.database = 'refuses';
  world.connected = false;
  const one = start(world);
  world.storageFull = true;
  one.track('in memory');
  await world.pass(10_000);
  start(world.tab()).optOut();
  world.connected = true;
  await world.pass(3_600_000);
  expect(world.requests).toHaveLength(0);
});

test('what is held back is bounded, and what that cost is told', async () => {
  const world = new FakeWorld();
  const siyu = start(world, { consent: 'required' });
  for (let index = 0; index < HELD_MAX + 5; index++) siyu.track(`e${index}`);
  siyu.optIn();
  await world.pass(10_000);
  expect(world.names()).not.toContain('e4');
  expect(world.names()).toContain('e5');
  expect(world.sent().at(-1)).toMatchObject({ event: 'queue_dropped', properties: { dropped_full: 5 } });
});

test('without consent to marketing no click of an advertisement is kept or sent', async () => {
  const world = clicked(new FakeWorld());
  const siyu = start(world, { consent: 'required', autoPage: true, firstTouch: true });
  siyu.track('held', { url: 'https://shop.example/?gclid=77&x=1#a' });
  siyu.consent({ analytics: true });
  siyu.track('after');
  await world.pass(3_000);
  const text = JSON.stringify([world.sent(), [...world.disk.entries]]);
  expect(text).not.toMatch(/gclid|bd_vid/);
  expect(text).toContain('"utm_source":"baidu"');
  expect(text).toContain('https://shop.example/?x=1#a');
  expect(new Set(world.sent().flatMap((one) => (one['properties'] as Record<string, unknown>)['session_id'] ?? [])).size).toBe(1);
});

test('consent to marketing that is withdrawn takes the clicks out of what waits', async () => {
  const world = clicked(new FakeWorld());
  const siyu = start(world);
  siyu.track('waiting');
  await world.pass(100);
  expect([...world.disk.shelf.values()].join()).toContain('bd_vid');
  siyu.consent({ marketing: false });
  await world.pass(10_000);
  const text = JSON.stringify([world.sent(), [...world.disk.entries]]);
  expect(world.names()).toEqual(['waiting', 'consent_given']);
  expect(text).not.toMatch(/gclid|bd_vid/);
});

test.each([
  ['neither signal', {}, { analytics: true, marketing: true }],
  ['Global Privacy Control', { gpc: true }, { analytics: true, marketing: false }],
  ['Do Not Track', { dnt: true }, { analytics: false, marketing: false }],
])('%s, where the page respects signals', async (_, signals, expected) => {
  const world = new FakeWorld();
  Object.assign(world.facts, signals);
  const siyu = start(world, { respectSignals: true });
  expect(siyu.consented()).toEqual(expected);
  siyu.track('one');
  await world.pass(3_000);
  expect(world.sent()).toHaveLength(expected.analytics ? 1 : 0);
  siyu.optIn();
  expect(siyu.consented()).toEqual({ analytics: true, marketing: true });
  expect(start(new FakeWorld()).consented()).toEqual({ analytics: true, marketing: true });
});

test('what a form is told goes to the ledger, with the page', async () => {
  const world = new FakeWorld();
  world.go('/settings', '?member=1');
  const siyu = start(world);
  siyu.identify('A');
  expect(siyu.consent.set({ purpose: 'marketing', channel: 'email', state: 'withdrawn', version: 2 })).toBe(true);
  await world.pass(3_000);
  const said = world.sent().find((message) => message['type'] === 'consent');
  expect(said).toMatchObject({ login: 'A', purpose: 'marketing', channel: 'email', state: 'withdrawn', version: 2 });
  expect(String(said?.['page'])).toContain('/settings');
  siyu.optOut();
  expect(siyu.consent.set({ purpose: 'marketing', state: 'withdrawn' })).toBe(false);
});
