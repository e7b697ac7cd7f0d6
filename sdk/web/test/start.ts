import { Client } from '../src/client';
import type { Options } from '../src/options';
import type { FakeWorld } from './fake_world';

/** A client that says nothing by itself. */
export function start(world: FakeWorld, options: Partial<Options> = {}): Client {
  return new Client(world, { key: 'wk_test', url: 'https://siyu.example/', autoPage: false, firstTouch: false, ...options });
}
