import { expect, test } from 'vitest';
import { arrived, linked } from '../src/link';
import { siteOf, touchOf, withoutClicks } from '../src/touch';
import { FakeWorld } from './fake_world';
import { start } from './start';

type Properties = Record<string, unknown>;
const last = (world: FakeWorld): Properties => world.sent().at(-1)?.['properties'] as Properties;

test('views are counted on load and on every other address, with the page before', async () => {
  const world = new FakeWorld();
  start(world, { autoPage: true });
  world.go('/cart');
  world.go('/cart');
  world.go('/cart', '?step=2');
  world.go('/cart', '?step=2', '#reviews');
  world.go('/cart', '?step=2', '#/pay');
  await world.pass(3_000);
  const views = world.sent().map((message) => message['properties'] as Properties);
  expect(views.map((view) => [view['url'], view['referrer']])).toEqual([
    ['https://shop.example/?utm_source=wechat&utm_campaign=spring', 'https://weixin.example/'],
    ['https://shop.example/cart', 'https://shop.example/?utm_source=wechat&utm_campaign=spring'],
    ['https://shop.example/cart?step=2', 'https://shop.example/cart'],
    ['https://shop.example/cart?step=2#/pay', 'https://shop.example/cart?step=2'],
  ]);
});

test('a visit lasts half an hour of silence, a day at most, or until another campaign', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  const look = async (): Promise<Properties> => {
    siyu.track('look');
    await siyu.flush();
    return last(world);
  };
  const first = await look();
  expect(first['utm_source']).toBe('wechat');
  world.go('/other');
  world.time += 29 * 60_000;
  expect((await look())['session_id']).toBe(first['session_id']);
  expect((await look())['utm_campaign']).toBe('spring');
  world.go('/', '?utm_source=douyin');
  const second = await look();
  expect(second['session_id']).not.toBe(first['session_id']);
  expect(second['utm_campaign']).toBeUndefined();
  world.go('/');
  world.time += 30 * 60_000;
  const third = await look();
  expect(third['session_id']).not.toBe(second['session_id']);
  for (let minutes = 0; minutes < 24 * 60 - 20; minutes += 20) {
    world.time += 20 * 60_000;
    expect((await look())['session_id']).toBe(third['session_id']);
  }
  world.time += 20 * 60_000;
  expect((await look())['session_id']).not.toBe(third['session_id']);
});

test('a clock that is set back ends no visit, and does not make one endless', async () => {
  const world = new FakeWorld();
  const siyu = start(world);
  const visit = siyu.sessionId();
  world.setClock(-7_200_000);
  expect(siyu.sessionId()).toBe(visit);
  world.time += 29 * 60_000;
  expect(siyu.sessionId()).toBe(visit);
  world.time += 31 * 60_000;
  expect(siyu.sessionId()).not.toBe(visit);
});

test('tabs share the visit', () => {
  const world = new FakeWorld();
  const one = start(world);
  const two = start(world.tab());
  expect(two.sessionId()).toBe(one.sessionId());
});

test('the first visit is told once, as attributes that stay', async () => {
  const world = new FakeWorld();
  const siyu = start(world, { firstTouch: true });
  siyu.track('one');
  siyu.track('two');
  await world.pass(3_000);
  const next = world.nextPage();
  start(next, { firstTouch: true }).track('three');
  await next.pass(3_000);
  const told = [...world.sent(), ...next.sent()].filter((message) => message['type'] === 'profile_set_once');
  expect(told).toHaveLength(1);
  expect(told[0]?.['properties']).toEqual({
    first_channel: 'campaign',
    first_landing_page: 'https://shop.example/',
    first_referrer_host: 'weixin.example',
    first_utm_campaign: 'spring',
    first_utm_source: 'wechat',
  });
});

test('a later direct visit still knows the way somebody came last', async () => {
  const world = new FakeWorld();
  start(world, { autoPage: true });
  await world.pass(3_000);
  const next = world.nextPage();
  next.facts.referrer = '';
  next.time += 86_400_000;
  next.go('/');
  start(next, { autoPage: true });
  await next.pass(3_000);
  expect(last(next)).toMatchObject({ channel: 'direct', last_channel: 'campaign', last_utm_source: 'wechat' });
});

test.each([
  ['www.baidu.com', 'search', 'baidu'],
  ['m.baidu.com', 'search', 'baidu'],
  ['tieba.baidu.com', 'social', 'tieba'],
  ['www.sogou.com', 'search', 'sogou'],
  ['www.so.com', 'search', '360'],
  ['m.so.com', 'search', '360'],
  ['so.toutiao.com', 'search', 'toutiao'],
  ['www.toutiao.com', 'social', 'toutiao'],
  ['cn.bing.com', 'search', 'bing'],
  ['www.google.com.hk', 'search', 'google'],
  ['www.google.de', 'search', 'google'],
  ['mp.weixin.qq.com', 'social', 'weixin'],
  ['weibo.cn', 'social', 'weibo'],
  ['t.co', 'social', 'x'],
])('%s is %s: %s', (host, kind, name) => expect(siteOf(host)).toEqual({ kind, name }));

test.each(['notbaidu.com', 'baidu.com.evil.example', 'google.evil.example', 'pinto.com', 'also.com', 'qq.com'])('%s is nobody we know', (host) =>
  expect(siteOf(host)).toBeNull(),
);

test.each([
  ['', '', 'direct'],
  ['', 'https://shop.example/other', 'direct'],
  ['', 'https://pay.shop.example/', 'direct'],
  ['', 'https://www.baidu.com/link?url=1', 'search'],
  ['', 'https://weibo.com/', 'social'],
  ['', 'https://blog.example/', 'referral'],
  ['?utm_source=x', 'https://www.baidu.com/', 'campaign'],
  ['?utm_medium=CPC', '', 'paid'],
  ['?utm_medium=email&utm_source=edm', '', 'email'],
  ['?qz_gdt=1', '', 'paid'],
  ['?fbclid=1', 'https://l.facebook.com/', 'social'],
])('%s from %s is %s', (search, referrer, channel) => {
  const facts = { ...new FakeWorld().facts, search, referrer };
  expect(touchOf(facts, 'shop.example')['channel']).toBe(channel);
});

test("WeChat's browser names no referrer, and is known by its name", () => {
  const facts = { ...new FakeWorld().facts, search: '', referrer: '', userAgent: 'Mozilla/5.0 MicroMessenger/8.0' };
  expect(touchOf(facts, '')).toEqual({ channel: 'social', referrer_site: 'weixin' });
});

test('parameters of the page itself are kept when asked for', async () => {
  const world = new FakeWorld();
  world.go('/', '?shop_code=S9&other=1');
  start(world, { parameters: ['shop_code'] }).track('one');
  await world.pass(3_000);
  expect(last(world)).toMatchObject({ shop_code: 'S9' });
  expect(last(world)).not.toHaveProperty('other');
});

test.each([
  ['https://a.example/?gclid=1', 'https://a.example/'],
  ['https://a.example/?gclid=1&b=2', 'https://a.example/?b=2'],
  ['https://a.example/?b=2&gclid=1#top', 'https://a.example/?b=2#top'],
  ['https://a.example/?b=2&bd_vid=1&gclid=1', 'https://a.example/?b=2'],
  ['https://a.example/?b=2', 'https://a.example/?b=2'],
])('%s without its clicks', (url, expected) => expect(withoutClicks({ url })).toEqual({ url: expected }));

test('a link to another of our domains carries the device, for two minutes, from our pages only', () => {
  const world = new FakeWorld();
  const domains = ['pay.example', 'shop.example'];
  const url = linked(world, 'https://www.pay.example/order?id=1#top', 'device-1234', domains);
  expect(url).toMatch(/^https:\/\/www\.pay\.example\/order\?id=1&siyu_link=device-1234\.[0-9a-z]+#top$/);
  expect(linked(world, url, 'device-1234', domains)).toBe(url);
  for (const other of ['https://evil.example/', 'https://notpay.example/', 'mailto:a@pay.example', 'https://shop.example/here']) {
    expect(linked(world, other, 'device-1234', domains)).toBe(other);
  }
  const visit = (referrer: string, later = 0): { device: string | null; url: string } => {
    const there = new FakeWorld();
    Object.assign(there.facts, { url, search: new URL(url).search, host: 'www.pay.example', referrer });
    there.time = world.time + later;
    return { device: arrived(there, domains), url: there.facts.url };
  };
  const clean = 'https://www.pay.example/order?id=1#top';
  expect(visit('https://shop.example/cart')).toEqual({ device: 'device-1234', url: clean });
  expect(visit('https://shop.example/cart', 121_000)).toEqual({ device: null, url: clean });
  expect(visit('https://evil.example/')).toEqual({ device: null, url: clean });
  expect(visit('')).toEqual({ device: null, url: clean });
});

test('a device that is known already is not replaced by a link', () => {
  const there = (disk?: FakeWorld): FakeWorld => {
    const world = disk ? disk.nextPage() : new FakeWorld();
    const mark = `siyu_link=brought-device.${world.time.toString(36)}`;
    Object.assign(world.facts, { url: `https://pay.example/?${mark}`, search: `?${mark}`, host: 'pay.example', referrer: 'https://shop.example/' });
    return world;
  };
  const options = { linkDomains: ['shop.example', 'pay.example'] };
  expect(start(there(), options).deviceId()).toBe('brought-device');
  const world = new FakeWorld();
  const own = start(world).deviceId();
  expect(start(there(world), options).deviceId()).toBe(own);
});

test('links are marked when they are followed, and never without consent to marketing', () => {
  const world = new FakeWorld();
  const siyu = start(world, { linkDomains: ['pay.example'] });
  const link = { href: 'https://pay.example/' };
  world.links.forEach((run) => run(link));
  expect(link.href).toContain(`siyu_link=${siyu.deviceId()}.`);
  siyu.consent({ marketing: false });
  expect(siyu.linkUrl('https://pay.example/')).toBe('https://pay.example/');
});
