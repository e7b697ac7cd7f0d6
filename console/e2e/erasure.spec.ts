/** Somebody is erased on their page, with a reason and their number typed, and the certificate says what was done. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** Somebody comes in the way a site sends them; answers their number. */
async function arrive(page: Page, login: string): Promise<number> {
  return page.evaluate(async (who) => {
    const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
    const headers = { "content-type": "application/json", "x-csrf-token": session.csrf_token };
    const made = (await (await fetch("/api/v1/keys", { method: "POST", headers, body: JSON.stringify({ kind: "write", name: "删除测试" }) })).json()) as { secret: string };
    const batch = [{ type: "identify", id: `${who}-1`, login: who, properties: { name: who } }, { type: "track", id: `${who}-2`, event: "page_view", login: who }];
    await fetch(`/api/v1/collect?key=${made.secret}`, { method: "POST", headers, body: JSON.stringify({ batch }) });
    for (;;) {
      const found = (await (await fetch(`/api/v1/people?query=${who}`)).json()) as { items: { person: number }[] };
      if (found.items[0]) return found.items[0].person;
    }
  }, login);
}

describe("erasing a person", () => {
  it("asks for a reason and the number, and ends with a certificate", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const login = uniqueName("gone").replace(/[^\da-z]/g, "");
    const person = await arrive(page, login);
    await page.goto(`${BASE_URL}/people/${person}`);
    await page.getByRole("button", { name: "更多操作" }).click();
    await page.getByRole("menuitem", { name: "删除此人" }).click();
    const dialog = page.getByRole("dialog");
    const erase = dialog.getByRole("button", { name: "删除此人" });
    expect(await erase.isDisabled()).toBe(true);
    await dialog.getByRole("textbox").nth(0).fill(`${login} 要求`);
    await dialog.getByRole("textbox").nth(1).fill(`#${person}`);
    await erase.click();
    // A reason is kept for good, so it must not name whom it is about.
    await page.getByText(/原因|reason/).last().waitFor();
    expect(await dialog.isVisible()).toBe(true);
    await dialog.getByRole("textbox").nth(0).fill("本人要求");
    await erase.click();
    await page.waitForURL(/tab=erasures/);
    const row = page.getByRole("row").filter({ hasText: `#${person}` }).first();
    await row.waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await row.click();
    const drawer = page.getByRole("dialog");
    await drawer.getByRole("link", { name: "下载凭证" }).waitFor();
    await drawer.getByText("保留了什么，为什么").waitFor();
    await drawer.getByText(/带密钥哈希/).waitFor();
    const gone = await page.request.get(`${BASE_URL}/api/v1/people/${person}`);
    expect(gone.status()).toBe(404);
    expect(errors).toEqual([]);
  });
});
