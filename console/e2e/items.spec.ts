import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** Two people who bought in a store: one a croissant, of which part was refunded, one tea. */
async function sales(page: Page, mark: string): Promise<void> {
  await page.evaluate(async (who) => {
    const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
    const headers = { "content-type": "application/json", "x-csrf-token": session.csrf_token };
    const made = await fetch("/api/v1/keys", { method: "POST", headers, body: JSON.stringify({ kind: "write", name: "商品测试" }) });
    const { secret } = (await made.json()) as { secret: string };
    const order = (login: string, item: string, amount: number) => {
      const shared = { type: "track", login: `${login}-${who}`, time: Date.now() - 3_600_000 };
      const order_id = `${login}-${who}`;
      return [
        { ...shared, id: `${order_id}-paid`, event: "order_paid", properties: { order_id, amount_minor: amount, store_id: `s-${who}`, channel: "小程序" } },
        { ...shared, id: `${order_id}-line`, event: "order_line", properties: { order_id, item_id: item, quantity: 2, amount_minor: amount } },
      ];
    };
    const batch = [
      { type: "item_set", id: `${who}-1`, item_type: "product", item_id: `p-${who}`, properties: { name: `可颂 ${who}`, category: `烘焙 ${who}`, price_minor: 1_600 } },
      { type: "item_set", id: `${who}-2`, item_type: "product", item_id: `q-${who}`, properties: { name: `红茶 ${who}`, category: "茶" } },
      { type: "item_set", id: `${who}-3`, item_type: "store", item_id: `s-${who}`, properties: { name: `西湖店 ${who}` } },
      { type: "item_tag", id: `${who}-4`, item_type: "store", item_id: `s-${who}`, tags: [`旗舰 ${who}`] },
      ...order("a", `p-${who}`, 3_200),
      ...order("b", `q-${who}`, 2_000),
      { type: "track", id: `${who}-back`, login: `a-${who}`, event: "order_refunded", properties: { order_id: `a-${who}`, item_id: `p-${who}`, amount_minor: 1_200 } },
    ];
    const answer = await fetch(`/api/v1/collect?key=${secret}`, { method: "POST", headers, body: JSON.stringify({ batch }) });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    for (;;) {
      const found = await fetch(`/api/v1/orders/a-${who}`);
      if (found.ok && ((await found.json()) as { refunded_minor: number }).refunded_minor === 1_200) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }, mark);
}

describe("items and orders", () => {
  it("are described, sold, listed, and make a segment", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const mark = uniqueName("i").replace(" ", "");
    await sales(page, mark);

    // A product: what it is and what it sold; a tag put on it.
    await page.goto(`${BASE_URL}/items?type=product&query=${encodeURIComponent(`可颂 ${mark}`)}`);
    await page.getByRole("link", { name: `可颂 ${mark}` }).click();
    await page.getByRole("heading", { level: 1, name: `可颂 ${mark}` }).waitFor();
    await expect.poll(() => page.locator(".stats").innerText()).toMatch(/20\.00/);
    await page.getByRole("button", { name: "添加标签" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("新品");
    await page.getByRole("dialog").getByRole("button", { name: "添加标签" }).click();
    await page.locator(".label", { hasText: "新品" }).waitFor();
    await page.getByRole("textbox", { name: "属性名" }).or(page.getByRole("combobox", { name: "属性名" })).fill("产地");
    await page.getByRole("textbox", { name: "值", exact: true }).fill("杭州");
    await page.getByRole("button", { name: "添加属性" }).click();
    await page.getByRole("cell", { name: "杭州" }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    // The orders of its store.
    await page.goto(`${BASE_URL}/orders?store=s-${mark}`);
    await expect.poll(() => page.locator(".stats").innerText()).toMatch(/40\.00/);
    await page.getByRole("link", { name: `可颂 ${mark}` }).first().click();
    await page.getByRole("heading", { level: 1, name: `a-${mark}` }).waitFor();
    await page.getByText("部分退款").waitFor();
    await page.getByRole("link", { name: `西湖店 ${mark}` }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    // Who bought something of its category: one person.
    await page.goto(`${BASE_URL}/segments/new`);
    await page.getByRole("button", { name: "添加条件" }).click();
    await page.locator(".menu-item", { hasText: "净消费" }).click();
    await page.getByRole("button", { name: "添加属性限定" }).click();
    await page.getByRole("combobox", { name: "选择属性" }).fill("商品的品类");
    await page.locator(".ant-select-item-option", { hasText: "商品的品类" }).first().click();
    await page.getByRole("combobox", { name: "填写值" }).fill(`烘焙 ${mark}`);
    await page.locator(".ant-select-item-option", { hasText: mark }).click();
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByTestId("count").textContent()).toBe("1");
    await page.getByText(`商品的品类 是 烘焙 ${mark}`).first().waitFor();
    expect(errors).toEqual([]);
  });

  it("fit a phone", async () => {
    const { page, errors } = await newVisit(browser, { width: 375, theme: "dark" });
    await logIn(page);
    for (const [path, heading] of [["/items", "商品与门店"], ["/orders", "订单"]] as const) {
      await page.goto(`${BASE_URL}${path}`);
      await page.getByRole("heading", { level: 1, name: heading }).waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    }
    expect(errors).toEqual([]);
  });
});
