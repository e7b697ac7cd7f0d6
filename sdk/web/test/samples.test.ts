// What the SDK sends is written down as samples that the server's tests decode,
// so that the two cannot drift apart. Re-record with UPDATE_SAMPLES=1.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Client } from '../src/client';
import { FakeWorld } from './fake_world';

const folder = fileURLToPath(new URL('../../../testdata/protocols/web/', import.meta.url));

const samples: [name: string, act: (siyu: Client, world: FakeWorld) => void, autoPage?: boolean][] = [
  ['track', (siyu) => siyu.track('cart_add', { item_id: '可颂', category: '烘焙', amount_minor: 1600, gift: false })],
  ['page', () => undefined, true],
  ['identify', (siyu) => siyu.identify('m_000001', { member_level: '金卡' }, { phone: '13800000001', email: 'a@example.com' })],
  [
    'profile',
    (siyu) => {
      siyu.setProfile({ city: '上海', likes: ['烘焙', '咖啡'] });
      siyu.setProfileOnce({ first_channel: '微信' });
      siyu.incrementProfile({ visits: 1 });
      siyu.appendProfile({ likes: ['茶'] });
      siyu.unsetProfile('city');
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
    true,
  ],
];

test.each(samples)('%s', async (name, act, autoPage = false) => {
  const world = new FakeWorld();
  act(new Client(world, 'wk_sample', 'https://siyu.example', { autoPage }), world);
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
