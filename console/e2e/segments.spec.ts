import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

describe("a segment", () => {
  it("is built as a sentence, counted while edited, and saved", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    await page.goto(`${BASE_URL}/segments/new`);
    const count = page.getByTestId("count");
    await expect.poll(() => count.textContent()).toMatch(/^[\d,]+$/);
    const everybody = await count.textContent();

    await page.getByRole("button", { name: "添加条件" }).click();
    await page.getByText("做过或没做过某事").click();
    await page.getByRole("option").first().click();
    await expect.poll(() => count.textContent()).not.toBe(everybody);

    // The other way round: did not.
    const did = await count.textContent();
    await page.getByRole("button", { name: "做过", exact: true }).click();
    await expect.poll(() => count.textContent()).not.toBe(did);

    const name = uniqueName("测试人群");
    await page.getByLabel("名称").fill(name);
    await page.getByRole("button", { name: "保存人群" }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await page.getByText("没做过").first().waitFor();
    expect(errors).toEqual([]);
  });

  it("asks before unsaved changes are lost", async () => {
    const { page } = await newVisit(browser);
    await logIn(page);
    await page.goto(`${BASE_URL}/segments/new`);
    await page.getByLabel("名称").fill("半途而废");
    await page.getByRole("link", { name: "概览" }).click();
    await page.getByText("这一页有未保存的修改").waitFor();
    await page.getByRole("button", { name: "取消" }).click();
    expect(new URL(page.url()).pathname).toBe("/segments/new");
  });
});
