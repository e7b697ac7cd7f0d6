// What the SDK sends is written down as samples that the server's tests decode,
// so that the two cannot drift apart. Re-record with UPDATE_SAMPLES=1.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Client } from '../src/client';
import type { Options } from '../src/options';
import { FakeWorld } from './fake_world';
import { start } from './start';

const folder = fileURLToPath(new URL('../../../testdata/protocols/web/', import.meta.url));

const samples: [name: string, act: (siyu: Client, world: FakeWorld) => void, options?: Partial<Options>][] = [
  ['track', (siyu) => siyu.track('cart_add', { item_id: '可颂', category: '烘焙', amount_minor: 1600, gift: false })],
  ['page', () => undefined, { autoPage: true, firstTouch: true }],
  ['identify', (siyu) => siyu.identify('m_000001', { member_level: '金卡' }, { phone: '13800000001', email: 'a@example.com' })],
  [
    'profile',
    (siyu) => {
      siyu.profile.set({ city: '上海', likes: ['烘焙', '咖啡'] });
      siyu.profile.setOnce({ first_channel: '微信' });
      siyu.profile.increment({ visits: 1 });
      siyu.profile.append({ likes: ['茶'] });
      siyu.profile.unset('city');
      siyu.profile.delete();
    },
  ],
  [
    'item',
    (siyu) => {
      siyu.item.set('sku', 'A1', { name: '可颂', price_minor: 1600 });
      siyu.item.delete('sku', 'A0');
    },
  ],
  [
    'visit',
    (siyu, world) => {
      siyu.register({ shop: '上海静安店' });
      world.go('/product/可颂');
      siyu.identify('m_000002');
      world.time += 5_000;
      siyu.track('product_view', { item_id: '可颂' });
    },
    { autoPage: true },
  ],
  [
    'shared_tablet',
    (siyu) => {
      siyu.track('look', { nth: 1 });
      siyu.identify('member_a');
      siyu.track('look', { nth: 2 });
      siyu.reset();
      siyu.track('look', { nth: 3 });
      siyu.identify('member_b');
      siyu.track('look', { nth: 4 });
      // Nobody logged out before the next one logged in.
      siyu.identify('member_c');
      siyu.track('look', { nth: 5 });
    },
  ],
  [
    'alias',
    (siyu) => {
      siyu.identify('m_000003');
      siyu.alias({ device: 'app-5f1c', login: 'm_000003' });
    },
  ],
  [
    'hostile',
    (siyu) =>
      siyu.track('odd_values', {
        emoji_cut: '可颂🥐'.slice(0, 3), nul: 'a\u0000b', order_no: 90071992547409931234567n, unsafe: 2 ** 53 + 2, tiny: 1e-7,
        list: [1, '二', { three: 3 }], deep: { a: { b: [null] } }, nothing: null, quote: '"\\\u2028',
      }),
  ],
];

test.each(samples)('%s', async (name, act, options = {}) => {
  const world = new FakeWorld();
  act(start(world, options), world);
  await world.pass(3_000);
  expect(world.requests).toHaveLength(1);
  const text = `${JSON.stringify(world.requests[0]?.body, null, 2)}\n`;
  const file = `${folder}${name}.json`;
  if (process.env['UPDATE_SAMPLES']) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('every sample there is is one of these', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  expect(files.sort()).toEqual(samples.map(([name]) => `${name}.json`).sort());
});
