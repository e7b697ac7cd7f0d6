import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** Somebody with this log-in who looked around and bought; answers their number. */
async function somebody(page: Page, login: string): Promise<number> {
  return page.evaluate(async (who) => {
    const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
    const headers = { "content-type": "application/json", "x-csrf-token": session.csrf_token };
    const made = await fetch("/api/v1/keys", { method: "POST", headers, body: JSON.stringify({ kind: "write", name: "人物测试" }) });
    const { secret } = (await made.json()) as { secret: string };
    const track = (at: number, event: string, properties: object) => ({ type: "track", id: `${who}-${event}`, event, login: who, time: Date.now() - at * 60_000, properties });
    const batch = [
      { type: "profile_set", id: `${who}-p1`, login: who, time: Date.now() - 9_000_000, properties: { name: "林小满", city: "苏州" } },
      { type: "profile_set", id: `${who}-p2`, login: who, time: Date.now() - 8_000_000, properties: { city: "杭州" } },
      track(100, "page_view", { title: "手冲壶" }),
      track(99, "item_view", { item_id: "p1" }),
      track(95, "order_line", { order_id: `o-${who}`, item_id: "p1", item_name: "手冲壶", quantity: 1, amount_minor: 12_900 }),
      track(95, "order_paid", { order_id: `o-${who}`, amount_minor: 12_900 }),
      track(5, "order_refunded", { order_id: `o-${who}`, amount_minor: 2_900 }),
    ];
    const answer = await fetch(`/api/v1/collect?key=${secret}`, { method: "POST", headers, body: JSON.stringify({ batch }) });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    for (;;) {
      const found = (await (await fetch(`/api/v1/people?query=${who}`)).json()) as { items: { person: number; event_count: number }[] };
      const [one] = found.items;
      if (one && one.event_count === 5) return one.person;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }, login);
}

describe("the page of a person", () => {
  it("tells value, origin and everything that happened, and takes a note", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const login = uniqueName("p").replace(" ", "");
    const person = await somebody(page, login);
    await page.goto(`${BASE_URL}/people/${person}`);
    await page.getByRole("heading", { level: 1, name: "林小满" }).waitFor();
    expect(await page.locator(".stats").innerText()).toMatch(/[¥$]100\.00/);
    // The refund comes before what is missing altogether.
    expect(await page.locator(".advice li").allInnerTexts()).toEqual(["回访退款 退了款 · 今天 看订单", "邀请第二单 首次购买 · 今天", "请留联系方式 没有手机、邮箱或微信，联系不到"]);

    await page.getByRole("button", { name: "杭州", exact: true }).click();
    await page.locator(".changes li").nth(1).getByText("苏州").waitFor();
    await page.keyboard.press("Escape");

    await page.getByRole("textbox", { name: "写一条备注" }).fill("喜欢浅烘");
    await page.getByRole("button", { name: "保存" }).click();
    await page.locator(".note-item", { hasText: "喜欢浅烘" }).waitFor();
    await page.locator(".day").getByText("喜欢浅烘").waitFor();

    await page.getByRole("button", { name: /^订单/ }).click();
    // What was there before the choice stays until the answer comes: of two that name the item one is an order.
    await expect.poll(() => page.locator(".entry", { hasText: "手冲壶" }).count(), { timeout: 10_000 }).toBe(1);
    await page.locator(".entry", { hasText: "支付订单" }).waitFor();
    await page.getByRole("tab", { name: "订单" }).click();
    await page.getByText("部分退款").waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    await page.setViewportSize({ width: 320, height: 800 });
    await page.goto(`${BASE_URL}/people/${person}?view=compact`);
    await page.getByRole("heading", { level: 1, name: "林小满" }).waitFor();
    await page.locator(".compact-orders").getByText("手冲壶").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("is asked for at the click, once, and not by pointing at a link, because looks are written down", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const login = uniqueName("p").replace(" ", "");
    const person = await somebody(page, login);
    await page.goto(`${BASE_URL}/people?query=${login}`);
    const asked: string[] = [];
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith(`/api/v1/people/${person}`)) asked.push(pathname.slice(`/api/v1/people/${person}`.length));
    });
    const link = page.getByRole("link", { name: "林小满" }).first();
    await link.hover();
    await page.waitForLoadState("networkidle");
    expect(asked).toEqual([]);
    await link.click();
    await page.locator(".days time").first().waitFor();
    await page.locator(".note-new").waitFor();
    for (const part of ["", "/timeline", "/timeline/outline"]) expect(asked.filter((one) => one === part)).toHaveLength(1);
    expect(errors).toEqual([]);
  });
});
