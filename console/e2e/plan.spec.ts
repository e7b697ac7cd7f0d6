import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** Sends one event the way a site does. */
async function send(page: Page, event: string, id: string): Promise<void> {
  await page.evaluate(
    async ([name, message]) => {
      const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
      const made = await fetch("/api/v1/keys", { method: "POST", headers: { "content-type": "application/json", "x-csrf-token": session.csrf_token }, body: JSON.stringify({ kind: "write", name: "浏览器测试" }) });
      const { secret } = (await made.json()) as { secret: string };
      const body = JSON.stringify({ batch: [{ type: "track", id: message, event: name, login: "e2e", properties: { amount: 12 } }] });
      const answer = await fetch(`/api/v1/collect?key=${secret}`, { method: "POST", headers: { "content-type": "application/json" }, body });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    },
    [event, id],
  );
}

async function setStatus(page: Page, status: string): Promise<void> {
  await page.getByRole("button", { name: "编辑", exact: true }).click();
  await page.getByRole("dialog").getByRole("combobox", { name: "状态" }).click();
  await page.locator(".ant-select-item-option", { hasText: status }).click();
}

describe("the tracking plan", () => {
  it("learns an event, gives it a name, blocks it, and gives back what was blocked", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const event = uniqueName("步骤").replace(/[\d ]/g, "x");
    const display = uniqueName("新名称");
    await send(page, event, `${event}-1`);

    await page.goto(`${BASE_URL}/data/events`);
    await page.getByRole("textbox", { name: "搜索名称、负责人或分类" }).fill(event);
    await page.getByRole("link", { name: event }).click();
    await page.getByText("amount").first().waitFor();
    await setStatus(page, "已屏蔽");
    await page.getByRole("textbox", { name: "中文名" }).fill(display);
    await page.getByRole("button", { name: "保存", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: display }).waitFor();

    await send(page, event, `${event}-2`);
    await page.goto(`${BASE_URL}/data/rejects`);
    const row = page.locator("tbody tr", { hasText: display }).filter({ hasText: "事件已屏蔽" });
    await row.waitFor();

    await page.goto(`${BASE_URL}/data/events/one?kind=event&event=${encodeURIComponent(event)}`);
    await page.getByRole("heading", { level: 1, name: display }).waitFor();
    await setStatus(page, "已核实");
    await page.getByRole("button", { name: "保存", exact: true }).click();
    await page.locator("header").getByText("已核实").waitFor();

    await page.goto(`${BASE_URL}/data/rejects`);
    await row.getByRole("button", { name: "修正并补录" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "开始补录" }).click();
    await page.getByText(/补录 1 条/).waitFor();
    expect(errors).toEqual([]);
  });
});
