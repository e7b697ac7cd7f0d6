import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

async function drop(page: Page, name: string, text: string): Promise<void> {
  await page.locator('input[type="file"]').setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.getByText("列的含义").waitFor();
}

describe("a file", () => {
  it("is recognised, checked, imported, and its refused rows come back", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    await page.goto(`${BASE_URL}/data/imports/new`);
    const login = uniqueName("导入");
    // A report's name above the titles, one amount that is none, one order never paid.
    const rows = [
      "门店月报,,,,",
      "订单号,会员号,实付金额,付款时间,订单状态",
      `${login}1,${login},"¥1,234.50",2026-11-01 10:00,交易成功`,
      `${login}2,${login},八十,2026-11-02 10:00,交易成功`,
      `${login}3,${login},5,2026-11-03 10:00,等待买家付款`,
    ];
    await drop(page, `${login}.csv`, rows.join("\n"));
    await page.getByText("按列名").first().waitFor();
    expect(await page.getByLabel("表头所在行").inputValue()).toBe("2");
    await page.getByText("订单状态对照").waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    const template = uniqueName("月报");
    await page.getByRole("button", { name: "存为模板" }).click();
    await page.getByLabel("模板名称").fill(template);
    await page.getByRole("button", { name: "保存", exact: true }).click();
    await page.getByText("模板已保存").waitFor();

    await page.getByRole("button", { name: "检查文件" }).click();
    await page.getByText("有 1 行用不了").waitFor({ timeout: 30_000 });
    await page.getByText("八十").waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    await page.getByRole("button", { name: "导入 1 行" }).click();
    await page.getByText("其余各行已写入").waitFor({ timeout: 30_000 });
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: "下载未通过的行" }).click();
    const stream = await (await waiting).createReadStream();
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    const refused = Buffer.concat(parts).toString();
    expect(refused).toContain("siyu_error,siyu_export,订单号,会员号,实付金额");
    expect(refused).toContain("不是金额");

    await page.goto(`${BASE_URL}/data/imports/new`);
    await drop(page, "更正.csv", refused.replace("八十", "80"));
    // The saved mapping fits, because every column it uses is there.
    await page.getByText(template).first().waitFor();
    await page.getByText("已按模板填好").waitFor();
    await page.getByRole("button", { name: "直接导入" }).click();
    await page.getByText("每一行都已接收").waitFor({ timeout: 30_000 });
    expect(errors).toEqual([]);
  });

  it("that is none says so", async () => {
    const { page } = await newVisit(browser);
    await logIn(page);
    await page.goto(`${BASE_URL}/data/imports/new`);
    await page.locator('input[type="file"]').setInputFiles({ name: "x.xlsx", mimeType: "application/zip", buffer: Buffer.from("PK\u0003\u0004 not a workbook") });
    await page.getByText("文件已损坏、加密").waitFor();
    await page.getByRole("button", { name: "重试" }).waitFor();
  });
});
