/** A customer asks on the phone, the officer makes a copy and answers, the customer fetches it. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** A call of the API as the one who is logged in. */
function call(page: Page, method: string, path: string, body?: unknown): Promise<unknown> {
  return page.evaluate(
    async (asked) => {
      const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
      const headers: Record<string, string> = { "x-csrf-token": session.csrf_token };
      const text = asked.body === undefined ? undefined : JSON.stringify(asked.body);
      if (text !== undefined) headers["content-type"] = "application/json";
      const answer = await fetch(`/api/v1${asked.path}`, { method: asked.method, headers, ...(text === undefined ? {} : { body: text }) });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      return answer.json() as Promise<unknown>;
    },
    { method, path, body },
  );
}

interface Request {
  id: number;
  kind: string;
  person: number | null;
}

/** Somebody with no open request for a copy, and their personal link. */
async function somebody(page: Page): Promise<{ person: number; address: string }> {
  const people = (await call(page, "GET", "/people?limit=50")) as { items: { person: number; event_count: number }[] };
  const open = (await call(page, "GET", "/rights/requests?limit=200")) as { items: Request[] };
  const busy = new Set(open.items.map((request) => request.person));
  const person = people.items.find((item) => !busy.has(item.person) && item.event_count > 0)?.person ?? 0;
  const { url } = (await call(page, "POST", `/people/${person}/consent/link`)) as { url: string };
  return { person, address: BASE_URL + new URL(url).pathname };
}

describe("the rights desk", () => {
  it("leads from the customer's phone to the answer and back", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const { person, address } = await somebody(page);
    const context = await browser.newContext({ viewport: { width: 375, height: 812 }, locale: "zh-CN", javaScriptEnabled: false, acceptDownloads: true });
    const phone = await context.newPage();
    await phone.goto(address);
    await phone.getByRole("button", { name: "索取我的数据" }).click();
    await phone.getByText(/已收到“索取我的数据”/).waitFor();

    await page.goto(`${BASE_URL}/rights`);
    await page.getByRole("heading", { level: 1, name: "个人信息权利" }).waitFor();
    const row = page.getByRole("row").filter({ hasText: `#${person}` }).filter({ hasText: "索取数据" });
    await row.getByRole("link", { name: "索取数据" }).click();
    await page.getByRole("button", { name: "由我处理" }).click();
    await page.getByRole("textbox", { name: "依据" }).fill("回拨预留手机，生日相符");
    await page.getByRole("button", { name: "记录核实结果" }).click();
    await page.getByText(/^回拨预留电话 ·/).waitFor();
    await page.getByRole("button", { name: "制作副本" }).click();
    await page.getByText("可下载").first().waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "生成取件码" }).click();
    const code = await page.getByTestId("code").innerText();
    expect(code).toMatch(/^[2-9A-Z]{5}-[2-9A-Z]{5}$/);
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("button", { name: "完成", exact: true }).click();
    await page.getByRole("textbox", { name: "答复", exact: true }).fill("您的副本已备好，请在此下载。");
    await page.getByRole("button", { name: "答复并完成" }).click();
    await page.getByText("已答复").first().waitFor();

    await phone.goto(address);
    await phone.getByText("您的副本已备好，请在此下载。").waitFor();
    await phone.getByRole("textbox", { name: /取件码/ }).fill("22222-22222");
    await phone.getByRole("button", { name: "下载" }).click();
    await phone.getByText("取件码不对").waitFor();
    await phone.getByRole("textbox", { name: /取件码/ }).fill(code.toLowerCase());
    const [file] = await Promise.all([phone.waitForEvent("download"), phone.getByRole("button", { name: "下载" }).click()]);
    expect(file.suggestedFilename()).toBe("my-data.zip");
    expect(await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    await context.close();

    await page.reload();
    await page.getByText("本人下载副本").waitFor();
    await page.getByText("本人已下载 1 次").waitFor();
    expect(errors).toEqual([]);
  });

  it("finds somebody by an identifier and puts a value right", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const people = (await call(page, "GET", "/people?limit=50")) as { items: { person: number; attributes: Record<string, unknown>; identifiers: { namespace: string; value: string }[] }[] };
    const found = people.items.find((item) => typeof item.attributes.city === "string" && item.identifiers.some((id) => id.namespace === "login"));
    const login = found?.identifiers.find((id) => id.namespace === "login")?.value ?? "";
    await page.goto(`${BASE_URL}/rights`);
    await page.getByRole("button", { name: "查找本人" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill(login);
    await page.getByRole("dialog").getByRole("button", { name: "查找", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: new RegExp(`#${found?.person ?? 0}`) }).click();
    await page.waitForURL(new RegExp(`/people/${found?.person ?? 0}`));
    const city = `改正市${Date.now() % 10_000}`;
    await page.locator("dt", { hasText: "城市" }).locator("xpath=following-sibling::dd[1]").getByRole("button").first().click();
    await page.getByRole("button", { name: "更正", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "正确的值" }).fill(city);
    await dialog.getByRole("textbox", { name: "理由" }).fill("本人来电更正");
    await dialog.getByRole("button", { name: "更正", exact: true }).click();
    await page.getByText("已更正").waitFor();
    await page.getByText(city).first().waitFor();
    const corrections = (await call(page, "GET", `/people/${found?.person ?? 0}/corrections`)) as { items: { id: number }[] };
    await call(page, "POST", `/rights/corrections/${corrections.items[0]?.id ?? 0}/undo`, { reason: "测试完毕" });
    expect(errors).toEqual([]);
  });
});
