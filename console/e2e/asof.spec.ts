/** An analysis is asked of the people as they were told apart before a merge, shared by its address and saved. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** Two people who do something of their own, then are bound to one; answers the instant between. */
async function couple(page: Page, name: string): Promise<string> {
  return page.evaluate(async (event) => {
    const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
    const headers = { "content-type": "application/json", "x-csrf-token": session.csrf_token };
    const made = await fetch("/api/v1/keys", { method: "POST", headers, body: JSON.stringify({ kind: "write", name: "口径测试" }) });
    const { secret } = (await made.json()) as { secret: string };
    const send = async (batch: unknown[]) => {
      const answer = await fetch(`/api/v1/collect?key=${secret}`, { method: "POST", headers, body: JSON.stringify({ batch }) });
      if (!answer.ok) throw new Error(await answer.text());
    };
    const query = { kind: "trend", series: [{ event, filters: [], measure: { kind: "people" } }], range: { kind: "last_days", days: 7 }, interval: "day" };
    const total = async () => {
      const answer = await fetch("/api/v1/analyses/answer", { method: "POST", headers, body: JSON.stringify(query) });
      const body = (await answer.json()) as { result?: { lines: { total: number }[] } };
      return body.result?.lines[0]?.total ?? 0;
    };
    const until = async (wanted: number) => {
      while ((await total()) !== wanted) await new Promise((resolve) => setTimeout(resolve, 100));
    };
    const email = `${event}@x.cn`;
    await send([{ type: "track", id: `${event}1`, event, login: event }, { type: "track", id: `${event}2`, event, identifiers: { email } }]);
    await until(2);
    const between = new Date().toISOString();
    await send([{ type: "identify", id: `${event}3`, login: event, identifiers: { email } }]);
    await until(1);
    return between;
  }, name);
}

describe("who was known as whom", () => {
  it("is asked as of then, said on the answer, shared and saved", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const event = uniqueName("as_of").replace(" ", "_");
    const between = await couple(page, event);
    const q = { kind: "trend", series: [{ event, filters: [], measure: { kind: "people" } }], range: { kind: "last_days", days: 7 }, interval: "day" };
    const address = `${BASE_URL}/analyses/trend?q=${encodeURIComponent(JSON.stringify(q))}`;
    const total = page.locator(".totals .total").first();

    await page.goto(address);
    await page.getByRole("button", { name: "按现在的身份" }).click();
    await page.getByRole("button", { name: "1 天前" }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("button", { name: "1 天前" }).click();
    await page.getByRole("status").getByText(/时的身份回答/).waitFor();
    await page.getByRole("button", { name: "回到现在" }).click();
    await page.getByRole("status").getByText(/时的身份回答/).waitFor({ state: "detached" });
    await expect.poll(() => total.innerText()).toBe("1");

    await page.goto(`${address}&as_of=${encodeURIComponent(between)}`);
    await expect.poll(() => total.innerText()).toBe("2");
    await page.getByRole("button", { name: /^按 \d{4}-.* 的身份$/ }).waitFor();
    await page.getByRole("button", { name: /^保\s*存$/ }).click();
    const name = uniqueName("合并之前");
    await page.getByRole("dialog").getByRole("textbox").fill(name);
    await page.getByRole("dialog").getByRole("button", { name: /^保\s*存$/ }).click();
    await page.getByText("已保存").first().waitFor();

    await page.goto(`${BASE_URL}/analyses`);
    const row = page.getByRole("row").filter({ hasText: name });
    await row.getByText(/按 \d{4}-.* 的身份/).waitFor();
    await row.getByRole("link", { name }).click();
    await page.getByRole("status").getByText(/时的身份回答/).waitFor();
    await expect.poll(() => total.innerText()).toBe("2");
    expect(errors).toEqual([]);
    await page.close();
  });

  it("counts a segment as of then while it is built", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    await page.goto(`${BASE_URL}/segments/new`);
    const count = page.getByTestId("count");
    await expect.poll(() => count.innerText()).toMatch(/\d/);
    await page.getByRole("button", { name: "按现在的身份" }).click();
    await page.getByRole("button", { name: "30 天前" }).click();
    await page.getByText(/时的身份数的/).waitFor();
    await expect.poll(() => count.innerText()).toMatch(/\d/);
    expect(errors).toEqual([]);
    await page.close();
  });
});
