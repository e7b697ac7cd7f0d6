/** What is personal is decided, a masked value is revealed with a reason, and both the look and a leaked file are found again. */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BASE_URL, logIn, makeSegment, newVisit, startBrowser, uniqueName } from "./browser";

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

interface Exposure {
  role: string;
  class: string;
  exposure: string;
}

/** How much owners see of identifiers, through the API; answers somebody with one. */
async function ownersSee(page: Page, exposure: string): Promise<number> {
  return page.evaluate(async (wanted) => {
    const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
    const settings = (await (await fetch("/api/v1/personal")).json()) as { exposures: Exposure[] };
    const exposures = settings.exposures.map((one) => (one.role === "owner" ? { ...one, exposure: wanted } : one));
    const headers = { "content-type": "application/json", "x-csrf-token": session.csrf_token };
    const answer = await fetch("/api/v1/personal", { method: "PUT", headers, body: JSON.stringify({ ...settings, exposures }) });
    if (!answer.ok) throw new Error(await answer.text());
    // The newest may well be people of other flows, without a name.
    for (let cursor = ""; ; ) {
      const people = (await (await fetch(`/api/v1/people?limit=100${cursor}`)).json()) as { items: { person: number; attributes: Record<string, unknown> }[]; next_cursor?: string };
      const named = people.items.find((item) => typeof item.attributes.name === "string");
      if (named) return named.person;
      if (!people.next_cursor) throw new Error("nobody has a name");
      cursor = `&cursor=${encodeURIComponent(people.next_cursor)}`;
    }
  }, exposure);
}

describe("personal data", () => {
  it("is masked, revealed with a reason, and the look is found on the person and the viewer", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const person = await ownersSee(page, "masked");
    try {
      await page.goto(`${BASE_URL}/people/${person}`);
      const masked = page.getByRole("button", { name: /查看姓名/ }).first();
      await masked.click();
      const reason = uniqueName("核对收货");
      await page.getByRole("button", { name: "查看明文" }).click();
      await page.getByRole("alert").waitFor();
      await page.getByRole("textbox", { name: "查看理由" }).fill(reason);
      await page.getByRole("button", { name: "查看明文" }).click();
      await page.locator(".revealed").waitFor();
      expect(await page.locator(".revealed").first().textContent()).not.toContain("*");
      await page.getByRole("tab", { name: "谁看过" }).click();
      await page.getByText("导出文件", { exact: true }).first().click();
      await page.waitForURL(/look=exported/);
      await page.locator(".looks-bar").getByText("全部", { exact: true }).last().click();
      const row = page.getByRole("row").filter({ hasText: reason });
      await row.waitFor();
      await row.getByRole("link").click();
      await page.getByRole("heading", { level: 1, name: /的查看记录/ }).waitFor();
      await page.getByText("查看明文", { exact: true }).first().click();
      await page.getByRole("row").filter({ hasText: reason }).waitFor();
    } finally {
      await ownersSee(page, "clear");
    }
    expect(errors).toEqual([]);
  });

  it("a field is declared and goes by its name again", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    await page.goto(`${BASE_URL}/settings/personal`);
    await page.getByText("全部字段").click();
    await page.getByRole("cell", { name: /city/ }).first().click();
    const drawer = page.getByRole("dialog");
    await drawer.getByRole("combobox").click();
    await page.getByTitle("地址", { exact: true }).click();
    await drawer.getByRole("button", { name: "保存" }).click();
    await page.getByText("已保存").first().waitFor();
    await page.getByRole("row").filter({ hasText: "city" }).getByText("已确认").first().waitFor();
    await page.getByRole("cell", { name: /city/ }).first().click();
    await page.getByRole("dialog").getByRole("button", { name: "恢复按名称推断" }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    expect(errors).toEqual([]);
  });

  it("a leaked file names its export", async () => {
    const { page, errors } = await newVisit(browser);
    await logIn(page);
    const name = uniqueName("导出");
    await makeSegment(page, name);
    await page.goto(`${BASE_URL}/segments`);
    await page.getByRole("link", { name }).or(page.getByText(name)).first().click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await page.getByRole("button", { name: "更多操作" }).click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "导出 CSV" }).click()]);
    const text = readFileSync(await download.path(), "utf8");
    expect(text).toContain("SY-");
    await page.goto(`${BASE_URL}/settings/personal?tab=exports`);
    await page.getByRole("row").filter({ hasText: name }).waitFor();
    await page.locator('input[type="file"]').setInputFiles({ name: "found.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await page.getByRole("status").getByText("标记一致").waitFor();
    await page.getByRole("status").getByText(name).first().waitFor();
    expect(errors).toEqual([]);
  });
});
