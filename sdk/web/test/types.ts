// Held by the type check: events and their properties, as a page may declare them.
import { init, type Properties } from '../src/index';

interface Shop extends Record<string, Properties> {
  cart_add: { item_id: string; amount_minor: number };
  search: { words?: string };
}

const siyu = init<Pick<Shop, 'cart_add' | 'search'>>({ key: 'wk', url: 'https://siyu.example' });
siyu.track('cart_add', { item_id: 'A1', amount_minor: 1600 });
siyu.track('search');
siyu.track('search', { words: '可颂' });
// @ts-expect-error a name that is not declared
siyu.track('cart_ad', { item_id: 'A1', amount_minor: 1600 });
// @ts-expect-error a property is missing
siyu.track('cart_add', { item_id: 'A1' });
// @ts-expect-error properties are missing
siyu.track('cart_add');
// @ts-expect-error a wrong type
siyu.track('cart_add', { item_id: 'A1', amount_minor: '16.00' });

const plain = init({ key: 'wk', url: 'https://siyu.example' });
plain.track('anything');
plain.track('anything', { at: 'all' });
