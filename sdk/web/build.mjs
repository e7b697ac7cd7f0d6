// Builds the two files that pages load, and holds their size.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const GZIP_BYTES_MAX = 12 * 1024;

const shared = { bundle: true, minify: true, target: 'es2019', sourcemap: true };
await build({ ...shared, entryPoints: ['src/script.ts'], format: 'iife', outfile: 'dist/siyu.js' });
await build({ ...shared, entryPoints: ['src/index.ts'], format: 'esm', outfile: 'dist/siyu.mjs' });

for (const file of ['dist/siyu.js', 'dist/siyu.mjs']) {
  const bytes = gzipSync(readFileSync(file)).length;
  console.log(`${file}: ${bytes} bytes compressed`);
  if (bytes > GZIP_BYTES_MAX) {
    console.error(`${file} is larger than ${GZIP_BYTES_MAX} bytes`);
    process.exitCode = 1;
  }
}
