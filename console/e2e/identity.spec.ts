import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** Sends records the way a site does. */
async function send(page: Page, batch: Record<string, unknown>[]): Promise<void> {
  await page.evaluate(async (records) => {
    const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
    const made = await fetch("/api/v1/keys", { method: "POST", headers: { "content-type": "application/json", "x-csrf-token": session.csrf_token }, body: JSON.stringify({ kind: "write", name: "身份测试" }) });
    const { secret } = (await made.json()) as { secret: string };
    const answer = await fetch(`/api/v1/collect?key=${secret}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ batch: records }) });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  }, batch);
}

/** Waits until what was sent has been found to be against a decision: a page is drawn once, and would not say so later. */
async function refused(page: Page, ...values: string[]): Promise<void> {
  await page.evaluate(async (wanted) => {
    for (;;) {
      const all = (await (await fetch("/api/v1/identity/conflicts?limit=20")).json()) as { items: { kept: { value: string }; refused: { value: string } }[] };
      if (all.items.some(({ kept, refused: other }) => wanted.includes(kept.value) || wanted.includes(other.value))) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }, values);
}

async function open(page: Page, query: string): Promise<void> {
  await page.goto(`${BASE_URL}/people`);
  await page.getByRole("textbox", { name: /手机号/ }).first().fill(query);
  await page.locator("tbody tr", { hasText: query }).first().getByRole("link").first().click();
  await page.locator(".identity-list").getByText(query).waitFor();
}

describe("who is who", () => {
  it("parts a wrongly merged couple, keeps them apart, and takes the decision back", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const name = uniqueName("e2e").replace(/[^\da-z]/g, "");
    const [kim, leo] = [`kim${name}`, `leo${name}@x.cn`];
    const bind = { type: "identify", login: kim, identifiers: { email: leo } };
    await send(page, [
      { type: "track", id: `${name}1`, event: "page_view", login: kim },
      { type: "track", id: `${name}2`, event: "page_view", identifiers: { email: leo } },
      { ...bind, id: `${name}3` },
    ]);
    await open(page, kim);
    await page.locator(".identity-list").getByText(leo).waitFor();

    await page.getByRole("button", { name: "拆分" }).click();
    const split = page.getByRole("dialog");
    await split.getByRole("checkbox", { name: leo }).check();
    await split.getByRole("textbox").fill("夫妻共用一台平板");
    await split.getByRole("button", { name: /^拆\s*分$/ }).click();
    const both = page.getByRole("dialog").filter({ hasText: "已拆成两个人" });
    await both.getByText(`登录账号 ${kim}`).waitFor();
    await both.getByRole("link", { name: leo }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await both.getByRole("button", { name: /^完\s*成$/ }).click();
    await page.locator(".identity-list").getByText(leo).waitFor({ state: "detached" });

    // The site says it once more; it stays as somebody decided, and is shown as a doubt.
    await send(page, [{ ...bind, id: `${name}4` }]);
    await refused(page, kim, leo);
    await open(page, kim);
    await page.getByText("曾被拆开").waitFor();
    expect(await page.locator(".identity-list li").count()).toBe(1);

    await page.getByRole("button", { name: "来龙去脉" }).click();
    await page.getByText("夫妻共用一台平板").waitFor();
    await page.getByRole("button", { name: "撤销" }).click();
    const undo = page.getByRole("dialog").filter({ hasText: "撤销这个决定" });
    await undo.getByRole("textbox").fill("弄错了");
    await undo.getByRole("button", { name: "撤销" }).click();
    await page.locator(".identity-list").getByText(leo).waitFor();
    expect(errors).toEqual([]);
  });

  it("shows what other rules would change before they are in force", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    await page.goto(`${BASE_URL}/identity?tab=rules`);
    await page.getByRole("button", { name: "添加标识" }).click();
    const drawer = page.getByRole("dialog");
    const name = `card_${Date.now() % 1_000_000}`;
    await drawer.getByRole("textbox", { name: "数据里的名字" }).fill(name);
    await drawer.getByRole("button", { name: "完成" }).click();
    await page.getByRole("button", { name: "看看会改变什么" }).click();
    const tried = page.getByRole("dialog").filter({ hasText: "这套规则会改变什么" });
    await tried.getByText("受影响的人").waitFor();
    await tried.getByRole("textbox").fill("会员卡");
    await tried.getByRole("button", { name: "生效" }).click();
    await page.getByText("规则已生效").waitFor();
    await page.locator("tbody").getByText(name).first().waitFor();
    await page.getByRole("tab", { name: "案例" }).click();
    await page.getByRole("heading", { name: "门店平板" }).waitFor();
    expect(await page.getByText("另有决定", { exact: true }).count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it("says why no kind can be kept as hashes where what is received lies open", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    await page.goto(`${BASE_URL}/identity?tab=rules`);
    await page.getByRole("button", { name: "添加标识" }).click();
    const drawer = page.getByRole("dialog");
    const name = `pass_${Date.now() % 1_000_000}`;
    await drawer.getByRole("textbox", { name: "数据里的名字" }).fill(name);
    await drawer.getByRole("checkbox", { name: "只保留散列值" }).check();
    await drawer.getByRole("button", { name: "完成" }).click();
    await page.locator("tbody").getByText("仅散列").waitFor();
    await page.getByRole("button", { name: "看看会改变什么" }).click();
    const tried = page.getByRole("dialog").filter({ hasText: "这套规则会改变什么" });
    await tried.getByText("原值将永久消失", { exact: false }).waitFor();
    await tried.getByRole("textbox").fill("个保法");
    await tried.getByRole("button", { name: "生效" }).click();
    await page.getByText("seal_data", { exact: false }).waitFor();
    expect(errors).toEqual([]);
  });
});
