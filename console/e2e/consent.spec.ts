/** Somebody takes back their consent on the phone and asks for their data; the team sees both. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

describe("the preference page", () => {
  it("works on a phone without scripts, and the console shows what was said", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const { person, url } = await page.evaluate(async () => {
      const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
      const people = (await (await fetch("/api/v1/people?query=@")).json()) as { items: { person: number }[] };
      const all = (await (await fetch("/api/v1/people?limit=1")).json()) as { items: { person: number }[] };
      const found = (people.items[0] ?? all.items[0])?.person ?? 0;
      const answer = await fetch(`/api/v1/people/${found}/consent/link`, { method: "POST", headers: { "x-csrf-token": session.csrf_token } });
      return { person: found, url: ((await answer.json()) as { url: string }).url };
    });

    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: "zh-CN", javaScriptEnabled: false });
    const phone = await context.newPage();
    const address = BASE_URL + new URL(url).pathname;
    await phone.goto(address);
    await phone.getByRole("heading", { level: 1, name: "我的偏好" }).waitFor();
    const offers = phone.getByRole("switch", { name: "营销信息 · 邮件" });
    if ((await offers.getAttribute("aria-checked")) === "false") await offers.click();
    await phone.getByRole("switch", { name: "营销信息 · 邮件", checked: true }).click();
    await phone.getByText("已保存").waitFor();
    await phone.getByRole("switch", { name: "营销信息 · 邮件", checked: false }).waitFor();
    if ((await phone.getByRole("button", { name: "索取我的数据" }).count()) > 0) await phone.getByRole("button", { name: "索取我的数据" }).click();
    await phone.getByText(/已收到“索取我的数据”/).waitFor();
    await phone.getByRole("link", { name: "English" }).click();
    await phone.getByRole("heading", { level: 1, name: "My preferences" }).waitFor();
    await context.close();

    for (const colorScheme of ["light", "dark"] as const) {
      const looked = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme });
      const shown = await looked.newPage();
      await shown.goto(address);
      expect(await seriousFindings(shown)).toEqual([]);
      expect(await shown.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      await looked.close();
    }

    await page.goto(`${BASE_URL}/people/${person}`);
    await page.getByText("已撤回").first().waitFor();
    await page.getByRole("button", { name: "同意历史" }).click();
    await page.getByRole("dialog").getByText("偏好页").first().waitFor();
    await page.goto(`${BASE_URL}/rights`);
    await page.getByRole("cell", { name: /索取数据/ }).first().waitFor();
    expect(errors).toEqual([]);
  });
});

describe("a purpose", () => {
  it("gets a new version when its text changes", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    await page.goto(`${BASE_URL}/consent`);
    await page.getByRole("cell", { name: /使用分析/ }).click();
    const text = page.getByRole("dialog").getByRole("textbox", { name: "同意文本（中文）" });
    await text.fill(`我们会记录您的浏览，用于改进。${Date.now()}`);
    await page.getByRole("dialog").getByText(/将保存为第 \d+ 版/).waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "保存" }).click();
    await page.getByText("已保存").first().waitFor();
    expect(errors).toEqual([]);
  });
});
