/** Following a record to where it was held back, letting it in, and an expectation. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** A source of its own, which sends these items. */
async function send(page: Page, source: string, items: Record<string, unknown>[]): Promise<void> {
  await page.evaluate(
    async ([name, batch]) => {
      const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
      const headers = { "content-type": "application/json", "x-csrf-token": session.csrf_token };
      const made = await fetch("/api/v1/keys", { method: "POST", headers, body: JSON.stringify({ name, kind: "write" }) });
      const { secret } = (await made.json()) as { secret: string };
      const answer = await fetch(`/api/v1/collect?key=${secret}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ batch }) });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    },
    [source, items] as const,
  );
}

it("a record is followed, let in, and counted", async () => {
  const { page, errors } = await newVisit(browser);
  await logIn(page);
  const source = uniqueName("收银台");
  const device = uniqueName("pos").replace(" ", "-");
  const day = 86_400_000;
  await send(page, source, [
    { type: "track", event: "scan", device, id: `${device}-1`, properties: { sku: "A1" } },
    { type: "track", event: "scan", device, id: `${device}-2`, time: Date.now() + 3 * day },
    { type: "dance", device, id: `${device}-3` },
  ]);

  await page.goto(`${BASE_URL}/data/trace`);
  const look = async (kind: string, text: string) => {
    await page.getByText(kind, { exact: true }).click();
    await page.getByRole("textbox").fill(text);
    await page.getByRole("button", { name: "查找" }).click();
  };
  await look("消息 ID", `${device}-3`);
  await page.getByText(/拒收：不认识的消息类型/).waitFor();
  await look("消息 ID", `${device}-2`);
  await page.getByText(/已搁置：时间在一天以后/).waitFor();
  await page.getByRole("button", { name: "按接收时间放行" }).click();
  await page.getByText(/曾因“时间在一天以后”搁置，已放行于/).waitFor();
  await look("身份标识", device);
  // What could not be read is found too; the records that were stored are folded below it.
  await page.locator(".trace-head", { hasText: "scan" }).first().click();
  await page.getByText(/已入库，可用于所有分析/).first().waitFor();

  await page.goto(`${BASE_URL}/data/quality?source=${encodeURIComponent(source)}`);
  await page.getByRole("row", { name: /scan/ }).click();
  await page.getByText("搁置的原因").waitFor();
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "新建预期" }).click();
  await page.getByText("断流", { exact: true }).click();
  await page.getByRole("button", { name: "保存" }).click();
  await page.getByText(/全部来源的全部事件：不会连续 60 分钟没有数据/).first().waitFor();

  await page.goto(`${BASE_URL}/data/live?identifier=${device}`);
  await page.getByRole("cell", { name: "scan" }).first().waitFor();
  await page.getByText("搁置", { exact: true }).click();
  await page.getByText("不认识的消息类型").first().waitFor();
  expect(errors).toEqual([]);
}, 90_000);
