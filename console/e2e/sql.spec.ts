import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, newVisit, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const editor = (page: Page) => page.getByRole("textbox", { name: "SQL 语句" });

/** Writes a statement over what stands there. */
async function write(page: Page, sql: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(sql);
}

async function open(page: Page): Promise<void> {
  await page.goto(`${BASE_URL}/analyses/sql`);
  await editor(page).waitFor();
}

describe("SQL", () => {
  it("is written with help, run by the keyboard, drawn, saved with a parameter and opened again", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    await open(page);
    // Completion knows the tables and their columns.
    await editor(page).click();
    await page.keyboard.type("select count(*) as n from ev");
    await page.getByRole("option", { name: "events" }).click();
    expect(await editor(page).textContent()).toContain("from events");

    await write(page, "select event, count(*) as n from events where event <> $but group by event order by n desc");
    await page.getByLabel("$but").fill("nothing");
    await editor(page).click();
    await page.keyboard.press("Control+Enter");
    const table = page.getByRole("region", { name: "查询结果" });
    await table.getByRole("columnheader", { name: "n", exact: true }).waitFor();
    const first = await table.getByRole("row").nth(1).getByRole("cell").first().textContent();
    expect(first).not.toBe("");

    await page.getByText("柱状图").or(page.getByText("柱形")).first().click();
    await page.getByRole("img", { name: /图表类型是柱状图/ }).waitFor();

    const name = uniqueName("事件排行");
    await page.getByRole("button", { name: "保存", exact: true }).click();
    await page.getByRole("dialog").getByLabel("名称").fill(name);
    await page.getByRole("dialog").getByRole("button", { name: "保存" }).click();
    await page.getByRole("button", { name, exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get("saved")).not.toBeNull();

    // The address opens it for a colleague, who starts from nothing.
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    await expect.poll(() => editor(page).textContent()).toContain("$but");
    expect(errors).toEqual([]);
  });

  it("says where a mistake is, and can be stopped", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    await open(page);
    await write(page, "select person_no,\n  nothing_like_it\nfrom people");
    await page.getByRole("button", { name: "运行" }).click();
    await page.getByRole("alert").getByRole("button", { name: "跳到第 2 行第 3 列" }).waitFor();

    await write(page, "with recursive n as (select 1 as i union all select i + 1 from n) select count(*) from n");
    await page.getByRole("button", { name: "运行" }).click();
    await page.getByRole("button", { name: "取消" }).click();
    await page.getByRole("alert").getByText("查询已取消").waitFor();
    expect(errors).toEqual([]);
  });

  it("makes a segment of the people in the result", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    await open(page);
    await write(page, "select person_no, event_count from people order by event_count desc limit 5");
    await page.getByRole("button", { name: "运行" }).click();
    await page.getByRole("button", { name: "保存为人群" }).click();
    const name = uniqueName("SQL 人群");
    await page.getByRole("dialog").getByLabel("名称").fill(name);
    await page.getByRole("dialog").getByRole("button", { name: "保存" }).click();
    await page.getByRole("link", { name }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    expect(errors).toEqual([]);
  });

  it("is readable on a phone", async () => {
    const { page, errors } = await newVisit(browser, { width: 390 });
    await logIn(page);
    await open(page);
    await page.getByRole("button", { name: "数据表" }).click();
    await page.getByRole("button", { name: /^people/ }).click();
    await page.getByRole("button", { name: /^person_no/ }).click();
    await expect.poll(() => editor(page).textContent()).toContain("person_no");
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wider).toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
  });
});
