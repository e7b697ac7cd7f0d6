import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, makeSegment, newVisit, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

describe("a campaign", () => {
  it("is created, saved by itself, checked, and its start says exactly what will happen", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const segment = uniqueName("全体");
    await makeSegment(page, segment);
    await page.goto(`${BASE_URL}/campaigns`);
    await page.getByRole("button", { name: "新建营销活动" }).first().click();
    const name = uniqueName("测试活动");
    await page.getByRole("dialog").getByRole("textbox").fill(name);
    await page.getByRole("dialog").getByRole("button", { name: "新建" }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();

    await page.getByRole("combobox", { name: "人群" }).click();
    await page.locator(".ant-select-item-option", { hasText: segment }).click();
    await page.getByRole("button", { name: "下一步" }).click();

    await page.getByRole("textbox", { name: "主题" }).fill("你好");
    await page.getByRole("button", { name: "优惠召回" }).click();
    await page.getByText("已自动保存").waitFor();
    await page.frameLocator("iframe").getByText("好久不见").first().waitFor();
    await page.getByRole("button", { name: "下一步" }).click();
    await page.getByText("留出对照组").waitFor();
    await page.getByRole("button", { name: "下一步" }).click();

    await page.getByText("将收到").waitFor();
    await page.getByRole("button", { name: /向 .+ 人发送/ }).click();
    await page.getByText(/将向 .+ 人发送邮件/).last().waitFor();
    await page.getByRole("button", { name: "取消" }).click();
    expect(errors).toEqual([]);
  });
});

describe("a report", () => {
  it("shows the way from chosen to converted, and every number opens people", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    await page.goto(`${BASE_URL}/campaigns`);
    const started = page.locator("tbody tr", { hasText: /已完成|发送中/ }).first();
    if ((await started.count()) === 0) return; // Nothing has been sent on this server yet.
    await started.getByRole("link").click();
    await page.getByText("从圈定到转化").waitFor();
    await page.getByRole("button", { name: /^对照组/ }).click();
    await page.getByRole("dialog").waitFor();
    expect(errors).toEqual([]);
  });
});
