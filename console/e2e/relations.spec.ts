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
    const end = page.getByRole("dialog");
    await end.getByRole("textbox", { name: "原因" }).fill("导购离职");
    await end.getByRole("button", { name: "结束关系" }).click();
    await panel.getByText("以往 1 条").click();
    await panel.getByText(/导购离职/).waitFor();
    await panel.getByText("没有采纳 1 条").click();
    await panel.getByText("已经有一位了").waitFor();

    await page.goto(`${BASE_URL}/people/${inviter}?view=compact`);
    await page.getByRole("link", { name: "吴新客" }).waitFor();
    await page.getByRole("button", { name: "查看邀请树" }).click();
    await page.getByText("共发展 1 人，1 层").waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });
});

describe("the kinds of relations", () => {
  it("are shown with their rules, declared, left out and used again; what was refused names both people", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const login = uniqueName("k").replace(" ", "");
    await people(page, login);
    await page.goto(`${BASE_URL}/relations`);
    await page.getByText("只有一位，先到的算数，后来的不采纳。").first().waitFor();

    await page.getByRole("button", { name: "添加关系类型" }).click();
    const drawer = page.getByRole("dialog");
    const doctor = `医生${login}`;
    await drawer.getByRole("textbox", { name: "关系的一头叫什么" }).fill(doctor);
    await drawer.getByRole("textbox", { name: "另一头叫什么" }).fill("居民");
    await drawer.getByText("同时一位，后来的接替前一位").click();
    await drawer.getByRole("textbox", { name: "数据里的名字" }).fill(login);
    await drawer.getByRole("textbox", { name: "原因" }).fill("签约服务");
    expect(await seriousFindings(page)).toEqual([]);
    await drawer.getByRole("button", { name: /^保\s*存$/ }).click();
    const row = page.getByRole("row").filter({ hasText: `${doctor} → 居民` });
    await row.getByText("使用中").waitFor();

    await row.getByText(login, { exact: true }).click();
    await drawer.getByRole("button", { name: /^停\s*用$/ }).click();
    const why = page.getByRole("dialog").filter({ hasText: "不再接受新的" });
    await why.getByRole("textbox").fill("不再签约");
    await why.getByRole("button", { name: /^停\s*用$/ }).click();
    await row.getByText("已停用").waitFor();

    // Said by a client all the same: refused, and both are named.
    await page.evaluate(async ([who, kind]) => {
      const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
      const headers = { "content-type": "application/json", "x-csrf-token": session.csrf_token };
      const made = await fetch("/api/v1/keys", { method: "POST", headers, body: JSON.stringify({ kind: "write", name: "关系类型测试" }) });
      const { secret } = (await made.json()) as { secret: string };
      const said = { type: "relation", id: `${who}-x`, relation: kind, login: `${who}b`, other: { login: `${who}c` } };
      const answer = await fetch(`/api/v1/collect?key=${secret}`, { method: "POST", headers, body: JSON.stringify({ batch: [said] }) });
      if (!answer.ok) throw new Error(await answer.text());
      for (;;) {
        const all = (await (await fetch("/api/v1/relations/conflicts?limit=1")).json()) as { items: { kind: string }[] };
        if (all.items[0]?.kind === kind) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }, [login, login]);
    await page.getByRole("tab", { name: "没有采纳的关系" }).click();
    const refused = page.getByRole("row").filter({ hasText: doctor });
    await refused.getByRole("link", { name: "郑导购" }).waitFor();
    await refused.getByText("没有这种关系").waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    // In the dark a name is nearer in colour to the words beside it.
    const dark = await newVisit(browser, { width: 390, theme: "dark" });
    await logIn(dark.page);
    await dark.page.goto(`${BASE_URL}/relations?tab=conflicts`);
    await dark.page.getByRole("link", { name: "郑导购" }).first().waitFor();
    expect(await seriousFindings(dark.page)).toEqual([]);
    await dark.page.close();
    await refused.getByRole("link", { name: "吴新客" }).click();
    await page.getByRole("heading", { level: 1, name: "吴新客" }).waitFor();

    await page.goto(`${BASE_URL}/relations`);
    await row.getByText(login, { exact: true }).click();
    await drawer.getByRole("textbox", { name: "原因" }).fill("恢复签约");
    await drawer.getByRole("button", { name: "重新启用" }).click();
    await row.getByText("使用中").waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });
});
