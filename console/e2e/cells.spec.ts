/** What becomes of a number: an alert of a cell, provinces on the map that open their people, and a tag of an SQL result. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const PROVINCES = ["浙江省", "浙江省", "Guangdong", "海外", ""];

/** An event of its own, done by somebody in each of these places today. */
async function happening(page: Page, event: string): Promise<void> {
  await page.evaluate(async ({ name, places }) => {
    const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
    const headers = { "content-type": "application/json", "x-csrf-token": session.csrf_token };
    const made = await fetch("/api/v1/keys", { method: "POST", headers, body: JSON.stringify({ kind: "write", name: "单元格测试" }) });
    const { secret } = (await made.json()) as { secret: string };
    const batch = places.map((province, at) => ({ type: "track", id: `${name}${at}`, event: name, login: `${name}_${at}`, properties: province === "" ? {} : { province } }));
    const sent = await fetch(`/api/v1/collect?key=${secret}`, { method: "POST", headers, body: JSON.stringify({ batch }) });
    if (!sent.ok) throw new Error(await sent.text());
    const query = { kind: "trend", series: [{ event: name, filters: [], measure: { kind: "count" } }], range: { kind: "last_days", days: 7 }, interval: "day" };
    for (;;) {
      const answer = await fetch("/api/v1/analyses/answer", { method: "POST", headers, body: JSON.stringify(query) });
      const body = (await answer.json()) as { result?: { lines: { total: number }[] } };
      if (body.result?.lines[0]?.total === places.length) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }, { name: event, places: PROVINCES });
}

function address(event: string, more: object = {}): string {
  const q = { kind: "trend", series: [{ event, filters: [], measure: { kind: "count" } }], range: { kind: "last_days", days: 7 }, interval: "day", ...more };
  return `${BASE_URL}/analyses/trend?q=${encodeURIComponent(JSON.stringify(q))}`;
}

describe("a number", () => {
  it("becomes an alert, which is paused, resumed and deleted", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const event = uniqueName("alert").replace(" ", "_");
    await happening(page, event);
    await page.goto(address(event));
    await page.getByText("表格", { exact: true }).first().click();
    await page.getByRole("region", { name: "事件分析" }).or(page.getByRole("table")).first().getByRole("button", { name: "5", exact: true }).click();
    await page.getByRole("button", { name: "设为预警" }).click();
    const name = uniqueName("今天太少");
    await page.getByRole("textbox", { name: "名称" }).fill(name);
    await page.getByText("低于", { exact: true }).click();
    await page.getByRole("spinbutton", { name: "数值界限" }).fill("3");
    // Yesterday it did not happen: the day that was clicked is not over.
    await page.getByText("会预警", { exact: true }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("button", { name: "开始监控" }).click();
    await page.getByText("已开始监控").waitFor();

    await page.goto(`${BASE_URL}/alerts`);
    const row = page.getByRole("row").filter({ hasText: name });
    await row.getByText("预警中").waitFor();
    await row.getByRole("button", { name }).click();
    const drawer = page.getByRole("dialog", { name });
    await drawer.getByText("开始预警").waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await drawer.getByRole("button", { name: /^暂\s*停$/ }).click();
    await drawer.getByRole("button", { name: /^恢\s*复$/ }).click();
    await expect.poll(() => drawer.getByText("开始预警").count()).toBe(2);
    await drawer.getByRole("button", { name: /^编\s*辑$/ }).click();
    await drawer.getByText("高于", { exact: true }).click();
    await drawer.getByRole("button", { name: /^保\s*存$/ }).click();
    await drawer.getByText("正常").first().waitFor();
    await drawer.getByRole("button", { name: /^删\s*除$/ }).click();
    await page.locator(".ant-modal-confirm").getByRole("button", { name: /^删\s*除$/ }).click();
    await expect.poll(() => page.getByText(name).count()).toBe(0);
    expect(errors).toEqual([]);
    await page.close();
  }, 60_000);

  it("that goes out of bounds is told to whom its alert names", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const event = uniqueName("tell").replace(" ", "_");
    await happening(page, event);
    await page.goto(address(event));
    await page.getByText("表格", { exact: true }).first().click();
    await page.getByRole("table").first().getByRole("button", { name: "5", exact: true }).click();
    await page.getByRole("button", { name: "设为预警" }).click();
    const name = uniqueName("昨天太少");
    await page.getByRole("textbox", { name: "名称" }).fill(name);
    await page.getByText("低于", { exact: true }).click();
    await page.getByRole("spinbutton", { name: "数值界限" }).fill("3");
    await page.getByRole("button", { name: "添加接收方" }).click();
    await page.getByRole("textbox", { name: "邮箱地址" }).fill("ops");
    await page.getByRole("button", { name: "开始监控" }).click();
    await page.getByText("邮箱格式不对").waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("textbox", { name: "邮箱地址" }).fill("ops@example.com");
    await page.getByRole("button", { name: "开始监控" }).click();
    await page.getByText("已开始监控").waitFor();

    await page.goto(`${BASE_URL}/alerts`);
    await page.getByRole("row").filter({ hasText: name }).getByRole("button", { name }).click();
    const drawer = page.getByRole("dialog", { name });
    await drawer.getByRole("list", { name: "告知" }).getByText("已发出").waitFor();
    await drawer.getByRole("button", { name: "试发" }).click();
    await expect.poll(() => drawer.getByText("已发出").count()).toBe(2);
    expect(await seriousFindings(page)).toEqual([]);
    // A webhook without a channel says where it is set up.
    await drawer.getByRole("button", { name: /^编\s*辑$/ }).click();
    await drawer.getByRole("combobox", { name: "告知方式" }).click();
    await page.getByTitle("Webhook", { exact: true }).click();
    await drawer.getByRole("link", { name: "去设置渠道" }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  }, 60_000);

  it("of a province stands on the map, and what is none beside it", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const event = uniqueName("map").replace(" ", "_");
    await happening(page, event);
    await page.goto(address(event, { breakdown: { kind: "property", name: "province" } }));
    await page.getByText("地图", { exact: true }).click();
    const map = page.getByRole("list", { name: "地图" });
    expect(await map.getByRole("listitem").count()).toBe(34);
    await map.getByTitle("广东省 1", { exact: true }).waitFor();
    await page.getByRole("row").filter({ hasText: "海外" }).waitFor();
    await page.getByRole("row").filter({ hasText: "没有值" }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await map.getByTitle("浙江省 2", { exact: true }).click();
    await expect.poll(() => page.getByRole("dialog").locator(".count-number").innerText()).toBe("2");
    await page.keyboard.press("Escape");

    // A tile that shows the map does so for everybody who looks.
    const board = uniqueName("各省");
    await page.getByRole("button", { name: "加到看板" }).click();
    await page.getByRole("menuitem", { name: "新建看板…" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill(board);
    await page.getByRole("dialog").getByRole("button", { name: /^新\s*建$/ }).click();
    await page.getByRole("heading", { level: 1, name: board }).waitFor();
    await page.getByRole("article").getByRole("button", { name: /的操作$/ }).click();
    await page.getByRole("menuitem", { name: "显示为" }).hover();
    await page.getByRole("menuitem", { name: "地图", exact: true }).click();
    await map.getByTitle("浙江省 2", { exact: true }).waitFor();
    await page.reload();
    await map.getByTitle("浙江省 2", { exact: true }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  }, 60_000);

  it("of each person becomes a tag, unless it is personal", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const event = uniqueName("tag").replace(" ", "_");
    await happening(page, event);
    await page.goto(`${BASE_URL}/analyses/sql`);
    const editor = page.getByRole("textbox", { name: "SQL 语句" });
    const run = async (sql: string) => {
      await editor.click();
      await page.keyboard.press("Control+A");
      await page.keyboard.insertText(sql);
      await page.keyboard.press("Control+Enter");
    };
    await run(`select person_no, province from events where event = '${event}'`);
    const make = async (name: string) => {
      await page.getByRole("button", { name: "设为标签" }).click();
      await page.getByRole("dialog").getByRole("textbox", { name: "名称" }).fill(name);
      await page.getByRole("dialog").getByRole("button", { name: "生成标签" }).click();
    };
    const name = uniqueName("所在省");
    await make(name);
    await page.getByRole("link", { name }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await page.getByText("值取自一次 SQL 查询结果的“province”列", { exact: false }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);

    await page.goto(`${BASE_URL}/analyses/sql`);
    await run("select person_no, value from identities limit 5");
    await make(uniqueName("不行"));
    await page.getByText("它的值不能做标签", { exact: false }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  }, 60_000);
});
