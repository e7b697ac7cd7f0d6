// Takes pictures of pages for the eye: node scripts/shots.mjs <folder> <zh-CN|en> <light|dark> <width> [path …]
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const [folder, language, theme, widthText, ...asked] = process.argv.slice(2);
const base = process.env.BASE_URL ?? "http://127.0.0.1:4173";
const paths = asked.length > 0 ? asked : ["/", "/data/live", "/data/events", "/data/sources", "/data/imports", "/data/imports/1", "/data/rejects", "/people", "/people/1000", "/tags", "/tags/1", "/tags/2/edit", "/segments", "/segments/1", "/segments/1/edit", "/analyses", "/analyses/trend", "/analyses/sql", "/campaigns", "/campaigns/1", "/campaigns/1?step=message", "/campaigns/1?step=goal", "/campaigns/2", "/campaigns/3", "/settings/project", "/settings/members", "/settings/keys", "/settings/channels", "/settings/protection", "/settings/audit", "/settings/me", "/login"];
const width = Number(widthText);

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const context = await browser.newContext({ viewport: { width, height: width < 600 ? 844 : 900 }, colorScheme: theme });
await context.addInitScript(([lang, mode]) => {
  localStorage.setItem("siyu.language", lang);
  localStorage.setItem("siyu.theme", mode);
}, [language, theme]);
const page = await context.newPage();
page.on("console", (message) => ["error", "warning"].includes(message.type()) && console.log(`${message.type()}: ${message.text().slice(0, 400)}`));
page.on("pageerror", (error) => console.log(`page error: ${error.message}`));
for (const path of paths) {
  await page.goto(base + path);
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await page.waitForTimeout(500);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overflow > 0) console.log(`${path}: ${overflow} px too wide`);
  await page.screenshot({ path: `${folder}/${path.replaceAll(/[^\w]+/g, "_").replaceAll(/^_|_$/g, "") || "home"}.png` });
}
await browser.close();
