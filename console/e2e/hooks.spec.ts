/** A webhook from the sample to the event: mapping, preview, saving, and what then really arrives. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser } from "./browser";

const SAMPLE = JSON.stringify({ shop: "西湖店", orders: [{ no: "B1", total: "12.50", buyer: { mobile: "13811112222" } }] });

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

it("sets up a source and receives by it", async () => {
  const { page, errors } = await newVisit(browser);
  await logIn(page);
  await page.goto(`${BASE_URL}/data/sources`);
  const name = `有赞 ${Date.now()}`;
  await page.getByRole("button", { name: "生成写入密钥" }).click();
  await page.getByLabel("来源名称，如 官网、小程序、POS").fill(name);
  await page.locator(".ant-modal .ant-btn-primary").click();
  const secret = await page.locator(".note code").innerText();
  await page.locator(".row", { hasText: name }).getByRole("link", { name: "设置映射" }).click();
  await page.getByRole("heading", { level: 1, name: new RegExp(name) }).waitFor();

  await page.getByLabel("样例正文").fill(SAMPLE);
  await page.getByLabel("批量列表", { exact: true }).click();
  await page.getByTitle("/orders", { exact: true }).click();
  await page.getByLabel("事件名 取自").click();
  await page.getByTitle("固定值").last().click();
  await page.getByLabel("事件名", { exact: true }).fill("hook_paid");
  await page.getByLabel("去重编号", { exact: true }).fill("/no");
  await page.getByLabel("手机号", { exact: true }).fill("/buyer/mobile");
  await page.getByRole("button", { name: "添加属性" }).click();
  await page.getByLabel("属性名").first().fill("amount_minor");
  await page.getByLabel("amount_minor", { exact: true }).fill("/total");
  await page.getByLabel("amount_minor 存为").click();
  await page.getByTitle("金额").last().click();
  await page.locator(".hook-record", { hasText: "hook_paid" }).getByText("1250").waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await page.locator(".row-end .ant-btn-primary").click();
  await page.getByText("第 1 版生效中").waitFor();

  const answer = await fetch(`${BASE_URL}/hook/${secret}`, { method: "POST", body: SAMPLE });
  expect(answer.status).toBe(200);
  await page.goto(`${BASE_URL}/data/live?event=hook_paid`);
  await page.getByText("hook_paid").first().waitFor();
  expect(errors).toEqual([]);
}, 60_000);
