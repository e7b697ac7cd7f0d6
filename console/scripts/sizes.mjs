// Prints what the first page (log-in and overview) loads, and every chunk, in gzip bytes.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";

const LIMIT_KB = 450;
const gz = (file) => {
  const path = `dist/${file}`;
  return statSync(existsSync(`${path}.gz`) ? `${path}.gz` : path).size;
};
const entry = [...readFileSync("dist/index.html", "utf8").matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((m) => m[1]);
const seen = new Set();
const follow = (file) => {
  if (seen.has(file)) return;
  seen.add(file);
  if (!file.endsWith(".js")) return;
  const text = readFileSync(`dist/${file}`, "utf8");
  for (const match of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) follow(`assets/${match[1]}`);
};
entry.forEach(follow);
for (const file of readdirSync("dist/assets")) {
  if (/^(OverviewPage|zh-CN|LoginPage)-.*\.(js|css)$/.test(file)) follow(`assets/${file}`);
}
const first = [...seen].reduce((sum, file) => sum + gz(file), 0);
for (const file of readdirSync("dist/assets").filter((f) => /\.(js|css)$/.test(f)).sort((a, b) => gz(`assets/${b}`) - gz(`assets/${a}`))) {
  console.log(`${(gz(`assets/${file}`) / 1024).toFixed(1).padStart(8)} KB  ${seen.has(`assets/${file}`) ? "first " : "      "} ${file}`);
}
console.log(`first page: ${(first / 1024).toFixed(1)} KB gz (limit ${LIMIT_KB})`);
if (first > LIMIT_KB * 1024) process.exitCode = 1;
