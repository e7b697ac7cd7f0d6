/** A private key from its registration to an event that a phone encrypted, and its removal. */
import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser } from "./browser";

const fixture = (name: string) => readFileSync(new URL(`../../testdata/ciphers/${name}`, import.meta.url), "utf8");

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

it("registers a private key and reads by it", async () => {
  const { page, errors } = await newVisit(browser);
  await logIn(page);
  await page.goto(`${BASE_URL}/data/sources`);
  const name = `加密 ${Date.now()}`;
  await page.getByRole("button", { name: "生成写入密钥" }).click();
  await page.getByLabel("来源名称，如 官网、小程序、POS").fill(name);
  await page.locator(".ant-modal .ant-btn-primary").click();
  const secret = await page.locator(".note code").innerText();

  await page.getByRole("button", { name: "登记私钥" }).click();
  await page.getByLabel("来源", { exact: true }).click();
  await page.getByTitle(name, { exact: true }).last().click();
  await page.getByLabel("RSA 私钥").fill("-----BEGIN PUBLIC KEY-----");
  await page.locator(".ant-modal .ant-btn-primary").click();
  await page.locator(".ant-message, .ant-notification").first().waitFor();
  await page.getByLabel("RSA 私钥").fill(fixture("private.b64"));
  expect(await seriousFindings(page)).toEqual([]);
  await page.locator(".ant-modal .ant-btn-primary").click();
  const row = page.locator(".row", { hasText: name }).filter({ hasText: fixture("fingerprint.txt") });
  await row.waitFor();
  expect(await page.content()).not.toContain("MIIE");

  const answer = await fetch(`${BASE_URL}/sa?project=default&token=${secret}`, { method: "POST", body: fixture("single.body") });
  expect(answer.status).toBe(200);
  await page.goto(`${BASE_URL}/data/live?event=BuyProduct`);
  await page.getByText("BuyProduct").first().waitFor();

  await page.goto(`${BASE_URL}/data/sources`);
  await row.getByRole("button", { name: "移除私钥" }).click();
  await page.locator(".ant-modal .ant-btn-dangerous").click();
  await row.waitFor({ state: "detached" });
  expect(errors).toEqual([]);
}, 60_000);
