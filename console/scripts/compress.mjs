// Puts the web SDK into dist, then writes .br and .gz beside every text file, so that the server only copies bytes.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TEXT = /\.(js|css|html|svg|json|txt|map)$/;
const SMALLEST_BYTES = 512;

const SDK = "../sdk/web/dist";

// The script and, a file each, its plugins.
if (existsSync(`${SDK}/siyu.js`)) {
  for (const name of readdirSync(SDK)) if (/^siyu\.(\w+\.)?js$/.test(name)) cpSync(`${SDK}/${name}`, `dist/sdk/${name}`);
} else console.warn(`${SDK} is empty: build sdk/web first, or the pages that load /sdk/siyu.js will not find it`);

for (const entry of readdirSync("dist", { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !TEXT.test(entry.name)) continue;
  const bytes = readFileSync(path);
  if (bytes.length < SMALLEST_BYTES) continue;
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  );
}
