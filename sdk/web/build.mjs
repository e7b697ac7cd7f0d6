// Builds the files that pages load, and holds their sizes.
import { build } from 'esbuild';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const CORE_BYTES_MAX = 12 * 1024;
const PLUGIN_BYTES_MAX = 2 * 1024;
const PLUGINS = ['clicks', 'errors', 'exposure', 'forms', 'stay', 'vitals'];

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
const shared = { bundle: true, minify: true, target: 'es2020', sourcemap: true };
await build({ ...shared, entryPoints: ['src/script.ts'], format: 'iife', outfile: 'dist/siyu.js' });
await build({ ...shared, entryPoints: ['src/index.ts'], format: 'esm', outfile: 'dist/siyu.mjs' });
// What a bundler leaves of the module for a page that only calls `init`.
const core = { contents: "export { init } from './src/index'", resolveDir: '.', loader: 'ts' };
const { outputFiles } = await build({ ...shared, sourcemap: false, stdin: core, format: 'esm', write: false, treeShaking: true });
for (const name of PLUGINS) {
  const contents = `import { ${name} } from './src/plugins/${name}';
    const page = window; page.siyu = page.siyu ?? { calls: [] };
    if (page.siyu.use) page.siyu.use(${name}()); else page.siyu.calls.push(['use', ${name}()]);`;
  await build({ ...shared, sourcemap: false, stdin: { contents, resolveDir: '.', loader: 'js' }, format: 'iife', outfile: `dist/siyu.${name}.js` });
}

const sizes = {
  'siyu.js': [gzipSync(readFileSync('dist/siyu.js')).length, CORE_BYTES_MAX],
  'siyu.mjs, init alone': [gzipSync(outputFiles[0].contents).length, CORE_BYTES_MAX],
  'siyu.mjs, all of it': [gzipSync(readFileSync('dist/siyu.mjs')).length, CORE_BYTES_MAX + PLUGINS.length * PLUGIN_BYTES_MAX],
};
for (const name of PLUGINS) {
  sizes[`siyu.${name}.js`] = [gzipSync(readFileSync(`dist/siyu.${name}.js`)).length, PLUGIN_BYTES_MAX];
}
for (const [file, [bytes, most]] of Object.entries(sizes)) {
  console.log(`${file}: ${bytes} bytes compressed`);
  if (bytes > most) {
    console.error(`${file} is larger than ${most} bytes`);
    process.exitCode = 1;
  }
}
// The table in the guide says the same, to a tenth.
const guide = readFileSync('../../docs/guide/web-sdk.md', 'utf8');
for (const [file, [bytes]] of Object.entries(sizes)) {
  const [name, rest] = file.split(/(?=,)/);
  const start = `| \`${name}\`${rest ?? ''} | `;
  const said = Number(guide.split(start)[1]?.split(' ')[0]);
  if (Math.abs(said - bytes / 1000) < 0.15) continue;
  console.error(`docs/guide/web-sdk.md does not say "${start}${(bytes / 1000).toFixed(1)} |"`);
  process.exitCode = 1;
}
