// Who the events belong to: reference is the shared tablet, where one person's history
// must not flow to the next.
import { expect, test } from 'vitest';
import { Client } from '../src/client';
import { FakeWorld } from './fake_world';
import { start } from './start';

type Sent = Record<string, unknown> & { properties: Record<string, unknown> };
const sent = (world: FakeWorld): Sent[] => world.sent() as Sent[];

test('who logs in stays known, and reset makes somebody else', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  siyu.register({ shop: '上海' });
  siyu.identify('m_1', { member_level: '金卡' }, { phone: '13800000001' });
  siyu.track('after');
  const device = siyu.deviceId();
  const visit = siyu.sessionId();
  siyu.reset();
  siyu.track('stranger');
  await world.pass(3_000);
  const [identify, after, stranger] = sent(world);
  expect(identify).toMatchObject({ type: 'identify', login: 'm_1', identifiers: { phone: '13800000001' }, device });
  expect(after).toMatchObject({ login: 'm_1', device, properties: { shop: '上海', session_id: visit } });
  expect(stranger?.['login']).toBeUndefined();
  expect(stranger?.['device']).not.toBe(device);
  expect(stranger?.properties).not.toHaveProperty('shop');
  expect(stranger?.properties['session_id']).not.toBe(visit);
});

test('the first log-in keeps the device, so that what was seen before belongs to the person', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  siyu.track('before');
  siyu.identify('A');
  await world.pass(3_000);
  const [before, identify] = sent(world);
  expect(identify?.['device']).toBe(before?.['device']);
});

test('a second log-in without a log-out begins a new device', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  siyu.track('anonymous');
  siyu.identify('A');
  siyu.register({ cart: 'of A' });
  siyu.identify('B');
  siyu.track('of B');
  siyu.identify('B', { city: '成都' });
  await world.pass(3_000);
  const [anonymous, first, second, ofB, again] = sent(world);
  expect(first?.['device']).toBe(anonymous?.['device']);
  expect(second).toMatchObject({ type: 'identify', login: 'B' });
  expect(second?.['device']).not.toBe(first?.['device']);
  expect(ofB).toMatchObject({ login: 'B', device: second?.['device'] });
  expect(ofB?.properties).not.toHaveProperty('cart');
  expect(again).toMatchObject({ login: 'B', device: second?.['device'], properties: { city: '成都' } });
});

test.each(['', ' ', 'undefined', 'null', 'NaN', '0', '000000', '-1', 'anonymous', '[object Object]', undefined, null, {}])(
  'a log-in of %j names nobody and joins nobody',
  async (login) => {
    const world = new FakeWorld();
    const siyu = start(world);
    siyu.identify(login as string);
    siyu.track('still unknown');
    await world.pass(3_000);
    expect(world.sent()).toHaveLength(1);
    expect(world.sent()[0]).not.toHaveProperty('login');
  },
);

test('alias joins another identifier, and says nothing that is known', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  siyu.identify(42);
  siyu.alias({ login: '42', device: siyu.deviceId() });
  siyu.alias({ device: 'app-device-1' });
  siyu.alias({ phone: 'undefined' });
  await world.pass(3_000);
  expect(world.sent()).toHaveLength(2);
  expect(world.sent()[1]).toMatchObject({ type: 'identify', login: '42', identifiers: { device: 'app-device-1' } });
});

test('a log-out in one tab is one in all', async () => {
  const world = new FakeWorld();
  const one = start(world);
  const other = world.tab();
  const two = start(other);
  one.identify('A');
  expect(two.deviceId()).toBe(one.deviceId());
  two.reset();
  one.track('after');
  await world.pass(3_000);
  const after = [...world.sent(), ...other.sent()].find((message) => message['event'] === 'after');
  expect(after).not.toHaveProperty('login');
  expect(after?.['device']).toBe(two.deviceId());
});

test('a sister site of the domain that says somebody else is here is believed', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  siyu.identify('A');
  world.disk.cookies.set('siyu_device', 'somebody-else');
  siyu.track('after');
  await world.pass(3_000);
  expect(world.sent()[1]).toMatchObject({ event: 'after', device: 'somebody-else' });
  expect(world.sent()[1]).not.toHaveProperty('login');
});

test('either place may be cleared; the other one knows', () => {
  const world = new FakeWorld();
  const device = start(world).deviceId();
  world.disk.cookies.clear();
  const second = world.nextPage();
  expect(start(second).deviceId()).toBe(device);
  second.disk.entries.clear();
  const third = second.nextPage();
  expect(start(third).deviceId()).toBe(device);
});

test('a cookie that cannot be changed does not make a new person with every event', async () => {
  const world = new FakeWorld();
  world.disk.cookies.set('siyu_device', 'stuck');
  world.setCookie = () => undefined;
  const siyu = start(world);
  siyu.reset();
  const device = siyu.deviceId();
  siyu.track('one');
  siyu.track('two');
  await world.pass(3_000);
  expect(device).not.toBe('stuck');
  expect(world.sent().map((message) => message['device'])).toEqual([device, device]);
});

test('storage that becomes full does not bring back who was logged out', async () => {
  const world = new FakeWorld();
  world.setCookie = () => undefined;
  const siyu = start(world);
  siyu.identify('A');
  const device = siyu.deviceId();
  world.storageFull = true;
  siyu.reset();
  siyu.track('after');
  await world.pass(3_000);
  const after = world.sent().find((message) => message['event'] === 'after');
  expect(after).not.toHaveProperty('login');
  expect(after?.['device']).not.toBe(device);
});

test('properties that are kept: always, once, for a visit', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  siyu.register({ shop: '上海', plan: 'a' });
  siyu.registerOnce({ shop: '北京', first: 'x' });
  siyu.registerForSession({ coupon: 'C1' });
  siyu.track('one', { plan: 'own' });
  siyu.unregister('plan');
  world.time += 31 * 60_000;
  siyu.track('two');
  await world.pass(3_000);
  const [one, two] = sent(world);
  expect(one?.properties).toMatchObject({ shop: '上海', plan: 'own', first: 'x', coupon: 'C1' });
  expect(two?.properties).toMatchObject({ shop: '上海', first: 'x' });
  expect(two?.properties).not.toHaveProperty('plan');
  expect(two?.properties).not.toHaveProperty('coupon');
});

test('values are made to fit, and one odd value costs itself only', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  const round: Record<string, unknown> = {};
  round['self'] = round;
  siyu.track('odd', {
    fine: 1, round, call: () => 1, none: undefined, nan: NaN, big: 12345678901234567890n, when: new Date(0),
    list: [1, 'a', null, { b: 1 }], deep: { a: [1] }, long: 'x'.repeat(9_000), empty: null,
    get thrown(): string { throw new Error('no'); },
  });
  await world.pass(3_000);
  const { properties } = sent(world)[0]!;
  expect(properties).toMatchObject({
    fine: 1, big: '12345678901234567890', when: '1970-01-01T00:00:00.000Z', list: ['1', 'a', '{"b":1}'], deep: '{"a":[1]}', empty: null,
  });
  expect(String(properties['long'])).toHaveLength(8_192);
  for (const name of ['round', 'call', 'none', 'nan', 'thrown']) expect(properties).not.toHaveProperty(name);
});

test('a page without types may pass anything', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  for (const odd of [null, undefined, 7, 'text', [1]]) siyu.track('odd', odd as never);
  siyu.identify('A', null as never, null as never);
  siyu.profile.set(null as never);
  await world.pass(3_000);
  expect(world.sent()).toHaveLength(7);
});

test('where there is no page, every call is harmless', async () => {
  const { init } = await import('../src/index');
  const siyu = init({ key: 'k', url: 'https://siyu.example', linkDomains: ['a.example'] });
  siyu.track('one');
  siyu.identify('A');
  siyu.profile.set({ a: 1 });
  siyu.optOut();
  siyu.reset();
  expect(siyu.linkUrl('https://a.example/')).toBe('https://a.example/');
  await siyu.flush();
  await siyu.ready();
  expect(siyu).toBeInstanceOf(Client);
});
