/** From a question to a tile, what happened on a day, the answer as files, and back to the question. */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, seriousFindings, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

/** An event of its own, done twice by one person today. */
async function happening(page: Page, event: string): Promise<void> {
  await page.evaluate(async (name) => {
    const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
    const headers = { "content-type": "application/json", "x-csrf-token": session.csrf_token };
    const made = await fetch("/api/v1/keys", { method: "POST", headers, body: JSON.stringify({ kind: "write", name: "看板测试" }) });
    const { secret } = (await made.json()) as { secret: string };
    const batch = [1, 2].map((at) => ({ type: "track", id: `${name}${at}`, event: name, login: `board_${name}` }));
    const sent = await fetch(`/api/v1/collect?key=${secret}`, { method: "POST", headers, body: JSON.stringify({ batch }) });
    if (!sent.ok) throw new Error(await sent.text());
    const query = { kind: "trend", series: [{ event: name, filters: [], measure: { kind: "count" } }], range: { kind: "last_days", days: 7 }, interval: "day" };
    for (;;) {
      const answer = await fetch("/api/v1/analyses/answer", { method: "POST", headers, body: JSON.stringify(query) });
      const body = (await answer.json()) as { result?: { lines: { total: number }[] } };
      if (body.result?.lines[0]?.total === 2) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }, event);
}

/** What a menu entry downloads. */
async function downloaded(page: Page, entry: string): Promise<Buffer> {
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: entry }).click()]);
  return readFile(await file.path());
}

describe("a dashboard", () => {
  it(
    "is two clicks from a question, marks days and gives files",
    async () => {
      const { page, errors } = await newVisit(browser);
      await logIn(page);
      const event = uniqueName("board").replace(" ", "_");
      await happening(page, event);
      const q = { kind: "trend", series: [{ event, filters: [], measure: { kind: "count" } }], range: { kind: "last_days", days: 7 }, interval: "day" };
      await page.goto(`${BASE_URL}/analyses/trend?q=${encodeURIComponent(JSON.stringify(q))}`);
      await expect.poll(() => page.locator(".totals .total").first().innerText()).toBe("2");

      const name = uniqueName("早会看板");
      await page.getByRole("button", { name: "加到看板" }).click();
      await page.getByRole("menuitem", { name: "新建看板…" }).click();
      await page.getByRole("dialog").getByRole("textbox").fill(name);
      await page.getByRole("dialog").getByRole("button", { name: /^新\s*建$/ }).click();
      await page.getByRole("heading", { level: 1, name }).waitFor();
      const tile = page.getByRole("article");
      await expect.poll(() => tile.locator(".total").first().innerText()).toBe("2");
      expect(await seriousFindings(page)).toEqual([]);

      // What happened is said on the chart itself.
      const note = uniqueName("双11 大促");
      await tile.getByRole("button", { name: /的操作$/ }).click();
      await page.getByRole("menuitem", { name: "标注日期…" }).click();
      await page.getByRole("textbox", { name: "发生了什么" }).fill(note);
      await page.getByRole("button", { name: "添加标注" }).click();
      await page.getByRole("dialog").getByRole("listitem").filter({ hasText: note }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await tile.getByText(note).waitFor({ state: "attached" });

      // The same numbers as files.
      const menu = () => tile.getByRole("button", { name: /的操作$/ }).click();
      await menu();
      const csv = (await downloaded(page, "导出 CSV")).toString("utf8");
      expect(csv.startsWith("\u{feff}日期,")).toBe(true);
      expect(csv.trim().split("\n").at(-1)).toMatch(/^合计,2,/);
      await menu();
      expect((await downloaded(page, "导出 Excel")).subarray(0, 2).toString()).toBe("PK");
      await menu();
      const png = await downloaded(page, "导出图片（PNG）");
      expect(png.subarray(1, 4).toString()).toBe("PNG");
      expect(png.length).toBeGreaterThan(5_000);

      // Days of one look are in the address; a colleague who opens it sees the same.
      await page.getByRole("button", { name: "各图块自己的时间" }).click();
      await page.getByRole("button", { name: /^今\s*天$/ }).click();
      await page.keyboard.press("Escape");
      await expect.poll(() => page.url()).toContain("scope");
      await page.reload();
      await page.getByRole("button", { name: "存为看板默认" }).waitFor();
      await tile.getByRole("link").first().click();
      await page.getByRole("heading", { level: 1, name: "事件分析" }).waitFor();
      await expect.poll(() => page.locator(".totals .total").first().innerText()).toBe("2");
      expect(errors).toEqual([]);
      await page.close();
    },
    60_000,
  );

  it("says so where the analysis of a tile has been removed, and is moved by keys", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const board = await page.evaluate(async (name) => {
      const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
      const headers = { "content-type": "application/json", "x-csrf-token": session.csrf_token };
      const call = async (method: string, path: string, body?: unknown) => {
        const answer = await fetch(`/api/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
        if (!answer.ok) throw new Error(await answer.text());
        return answer.status === 204 ? { id: 0 } : ((await answer.json()) as { id: number });
      };
      const query = { kind: "lifecycle", event: { event: "$any", filters: [] }, range: { kind: "last_days", days: 7 }, interval: "day" };
      const saved = await call("POST", "/analyses", { name, query });
      const tiles = [{ asks: { kind: "analysis", analysis: saved.id } }, { title: "活跃", show: "number", asks: { kind: "question", query } }];
      const made = await call("POST", "/dashboards", { name, tiles });
      await call("DELETE", `/analyses/${saved.id}`);
      return made.id;
    }, uniqueName("会少一块"));
    await page.goto(`${BASE_URL}/dashboards/${board}`);
    await page.getByText("这个图块显示的分析已被删除").waitFor();
    const titles = () => page.getByRole("article").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
    await expect.poll(titles).toEqual(["已删除的分析", "活跃"]);
    await page.getByRole("button", { name: "移动「活跃」" }).focus();
    await page.keyboard.press("ArrowUp");
    await expect.poll(titles).toEqual(["活跃", "已删除的分析"]);
    await page.reload();
    await expect.poll(titles).toEqual(["活跃", "已删除的分析"]);
    await page.getByRole("article", { name: "已删除的分析" }).getByRole("button", { name: "移除图块" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "移除图块" }).click();
    await expect.poll(titles).toEqual(["活跃"]);
    expect(errors).toEqual([]);
    await page.close();
  });
});
