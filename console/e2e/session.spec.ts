import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, EMAIL, logIn, newVisit, startBrowser } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

describe("log-in", () => {
  it("a wrong password is explained, and the form stays", async () => {
    const { page } = await newVisit(browser);
    await page.goto(`${BASE_URL}/login`);
    await page.getByLabel("邮箱").fill(EMAIL);
    await page.locator('input[name="password"]').fill("wrong");
    await page.getByRole("button", { name: "登录" }).click();
    await page.getByText("邮箱或密码不对").waitFor();
    expect(new URL(page.url()).pathname).toBe("/login");
  });

  it("leads to the overview, and the palette finds pages by pinyin", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("ldfx");
    await page.getByRole("option", { name: /漏斗分析/ }).click();
    await page.getByRole("heading", { level: 1, name: "漏斗分析" }).waitFor();
    expect(errors).toEqual([]);
  });

  it("leads to what is rarely used by opening a group, which stays open", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const nav = page.getByRole("navigation", { name: "主导航" });
    expect(await nav.getByRole("link", { name: "客户关系" }).count()).toBe(0);
    await nav.getByRole("button", { name: "身份与隐私" }).click();
    await nav.getByRole("link", { name: "客户关系" }).click();
    await page.getByRole("heading", { level: 1, name: "客户关系" }).waitFor();
    await nav.getByRole("button", { name: /^更多 \d+ 项$/ }).click();
    await nav.getByRole("link", { name: "粘性分析" }).waitFor();
    await page.reload();
    await nav.getByRole("link", { name: "粘性分析" }).waitFor();
    expect(await nav.getByRole("button", { name: "身份与隐私" }).getAttribute("aria-expanded")).toBe("true");
    // Icons only: a closed group is one icon with its pages.
    await nav.getByRole("button", { name: "收起导航" }).click();
    await nav.getByRole("button", { name: "设置" }).click();
    await page.getByRole("menuitem", { name: "审计日志" }).click();
    await page.getByRole("heading", { level: 1, name: "审计日志" }).waitFor();
    expect(errors).toEqual([]);
  });

  it("speaks English on request and remembers it", async () => {
    const { page } = await newVisit(browser);
    await logIn(page);
    await page.getByRole("button", { name: "语言" }).click();
    await page.getByText("English").click();
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  });
});
