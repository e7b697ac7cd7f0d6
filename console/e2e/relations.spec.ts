import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** Who was invited, by whom, and a member of the staff; answers their numbers. */
async function people(page: Page, login: string): Promise<[number, number, number]> {
  return page.evaluate(async (who) => {
    const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
    const headers = { "content-type": "application/json", "x-csrf-token": session.csrf_token };
    const made = await fetch("/api/v1/keys", { method: "POST", headers, body: JSON.stringify({ kind: "write", name: "关系测试" }) });
    const { secret } = (await made.json()) as { secret: string };
    const named = (id: string, name: string) => ({ type: "profile_set", id: `${who}-${id}`, login: `${who}${id}`, properties: { name } });
    const batch = [
      named("a", "周老客"),
      named("b", "吴新客"),
      named("c", "郑导购"),
      { type: "relation", id: `${who}-r`, relation: "inviter", login: `${who}b`, other: { login: `${who}a` } },
    ];
    const answer = await fetch(`/api/v1/collect?key=${secret}`, { method: "POST", headers, body: JSON.stringify({ batch }) });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    const find = async (id: string) => {
      for (;;) {
        const found = (await (await fetch(`/api/v1/people?query=${who}${id}`)).json()) as { items: { person: number }[] };
        if (found.items[0]) return found.items[0].person;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    return [await find("a"), await find("b"), await find("c")] as [number, number, number];
  }, login);
}

describe("relations of a person", () => {
  it("are shown, said by hand, refused with a reason, and ended", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const login = uniqueName("r").replace(" ", "");
    const [inviter, invited] = await people(page, login);
    await page.goto(`${BASE_URL}/people/${invited}`);
    const panel = page.getByRole("region", { name: "关系" });
    await panel.getByRole("link", { name: "周老客" }).waitFor();

    const add = async (role: string, other: string) => {
      await page.getByRole("button", { name: "添加关系" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("combobox", { name: "对方是" }).click();
      await page.locator(".ant-select-item-option").filter({ hasText: role }).first().click();
      await dialog.getByRole("textbox", { name: "对方" }).fill(other);
      await dialog.getByRole("radio").first().check();
      await dialog.getByPlaceholder("如 到店扫码邀请").fill("到店");
      await dialog.getByRole("button", { name: /^添\s*加$/ }).click();
      return dialog;
    };
    await add("导购 / 客户经理", `${login}c`);
    await panel.getByRole("link", { name: "郑导购" }).waitFor();
    const refused = await add("邀请人", `${login}c`);
    await page.getByText("这种关系同时只能有一位").waitFor();
    await refused.getByRole("button", { name: /^取\s*消$/ }).click();

    await panel.getByRole("link", { name: "郑导购" }).hover();
    await panel.getByRole("button", { name: "结束关系: 郑导购" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "结束关系" }).click();
    await panel.getByText("以往 1 条").waitFor();
    expect(await panel.getByRole("link", { name: "郑导购" }).count()).toBe(0);

    await page.goto(`${BASE_URL}/people/${inviter}?view=compact`);
    await page.getByRole("link", { name: "吴新客" }).waitFor();
    await page.getByRole("button", { name: "查看邀请树" }).click();
    await page.getByText("共发展 1 人，1 层").waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });
});
