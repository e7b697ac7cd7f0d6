/** Every page opens without an error, fits its screen and passes axe, in both themes and languages. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser } from "./browser";

const PATHS = [
  "/", "/data/live", "/data/events", "/data/events/one?kind=event&event=order_paid", "/data/sources", "/data/sources/1/hook", "/data/imports", "/data/imports/new", "/data/rejects", "/data/quality", "/data/trace", "/people", "/relations", "/relations?tab=conflicts", "/identity", "/identity?tab=rules", "/identity?tab=cases", "/consent", "/consent?tab=requests", "/consent?tab=minors", "/tags", "/tags/new", "/segments", "/segments/new", "/orders", "/items", "/items/store/s-1", "/consent?tab=erasures", "/rights", "/rights?tab=ended",
  "/dashboards", "/dashboards/1", "/alerts", "/alerts?alert=1", "/analyses", "/analyses/trend", "/analyses/funnel", "/analyses/retention", "/analyses/lifecycle", "/analyses/stickiness", "/analyses/distribution", "/analyses/interval", "/analyses/session", "/analyses/path", "/analyses/attribution", "/analyses/revenue", "/analyses/crosstab", "/analyses/rfm", "/analyses/sequence", "/analyses/heatmap", "/analyses/sql", "/campaigns", "/settings/project", "/settings/members", "/settings/keys", "/settings/channels", "/settings/protection", "/settings/audit", "/settings/me", "/settings/personal", "/settings/personal?tab=exposures", "/settings/personal?tab=looks", "/settings/personal?tab=exports",
];

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

describe.each([
  { width: 1440, language: "zh-CN", theme: "light" },
  { width: 390, language: "zh-CN", theme: "dark" },
])("at $width px, $language, $theme", (look) => {
  it(
    "every page",
    async () => {
      const { page, errors } = await newVisit(browser, look);
      await logIn(page);
      const findings: string[] = [];
      for (const path of PATHS) {
        await page.goto(BASE_URL + path);
        await page.locator("h1").waitFor();
        await page.waitForTimeout(400);
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (tooWide > 0) findings.push(`${path}: ${tooWide} px too wide`);
        findings.push(...(await seriousFindings(page)).map((finding) => `${path}: ${finding}`));
      }
      expect(findings).toEqual([]);
      expect(errors).toEqual([]);
    },
    180_000,
  );
});
