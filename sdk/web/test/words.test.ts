// The line that people copy is the same everywhere, and does what it says.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const line = read('stub.js').trim();

test.each(['README.md', 'example/index.html', '../../docs/guide/web-sdk.md'])('%s shows the line as it is', (path) => {
  expect(read(path)).toContain(`<script>${line}</script>`);
});

test('the console hands out the line as it is', () => {
  expect(read('../../console/src/features/data/snippets.ts')).toContain(`\`<script>${line}</script>`);
});

test('calls of any name and depth wait in order, and a second copy keeps the first', () => {
  const window: { siyu?: Record<string, unknown> } = {};
  const run = new Function('window', `${line}; return window.siyu;`);
  const siyu = run(window) as { calls: unknown[]; track(name: string, properties: object): void; profile: { set(properties: object): void } };
  siyu.track('one', { n: 1 });
  siyu.profile.set({ city: '成都' });
  expect(run(window)).toBe(siyu);
  expect(siyu.calls).toEqual([
    ['track', 'one', { n: 1 }],
    ['profile.set', { city: '成都' }],
  ]);
});
