/** One browser, a logged-in page, and the checks every page must pass. */
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { chromium, type Browser, type Cookie, type Page } from "playwright-core";

export const BASE_URL = process.env.SIYU_URL ?? "http://127.0.0.1:4173";
export const EMAIL = process.env.SIYU_EMAIL ?? "owner@example.com";
export const PASSWORD = process.env.SIYU_PASSWORD ?? "owner-password";

export interface Visit {
  page: Page;
  /** What the console complained about so far. */
  errors: string[];
}

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
}

export async function newVisit(browser: Browser, { width = 1440, language = "zh-CN", theme = "light" } = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
  await context.addInitScript(
    ([lang, mode]) => {
      // The sandboxed preview of a message has no storage.
      if (window.top !== window) return;
      localStorage.setItem("siyu.language", lang ?? "");
      localStorage.setItem("siyu.theme", mode ?? "");
    },
    [language, theme],
  );
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("response", (response) => {
    if (response.status() >= 500) errors.push(`${response.status()} ${response.url()}`);
  });
  return { page, errors };
}

/** Where the session of the first log-in is kept for all files of flows: one server, one address. */
const KEPT = join(tmpdir(), `siyu-flows-${new URL(BASE_URL).port}-${EMAIL.replace(/\W/g, "_")}.json`);

function kept(): Cookie[] {
  try {
    return JSON.parse(readFileSync(KEPT, "utf8")) as Cookie[];
  } catch {
    return [];
  }
}

/** Logs in, the first time by the form. The server allows ten log-ins of an account at a time, so that
 * passwords cannot be guessed; all later pages go on with the first session, while it lasts. */
export async function logIn(page: Page): Promise<void> {
  const home = page.getByRole("heading", { level: 1, name: "概览" });
  const password = page.locator('input[name="password"]');
  await page.context().addCookies(kept());
  await page.goto(BASE_URL);
  await home.or(password).waitFor();
  if (await password.isVisible()) {
    await page.getByLabel("邮箱").fill(EMAIL);
    await password.fill(PASSWORD);
    await page.getByRole("button", { name: "登录" }).click();
    await home.waitFor();
  }
  writeFileSync(KEPT, JSON.stringify(await page.context().cookies()));
}

/** A segment of everybody with this name, made through the API. */
export async function makeSegment(page: Page, name: string): Promise<void> {
  await page.evaluate(async (segmentName) => {
    const session = (await (await fetch("/api/v1/session")).json()) as { csrf_token: string };
    const answer = await fetch("/api/v1/segments", {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": session.csrf_token },
      body: JSON.stringify({ name: segmentName, condition: { kind: "all", of: [] } }),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  }, name);
}

/** Serious accessibility findings of what is on screen. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return results.violations
    .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

declare global {
  interface Window {
    axe: { run: (context: Document, options: object) => Promise<axe.AxeResults> };
  }
}

/** Something no other run has named. */
export function uniqueName(text: string): string {
  return `${text} ${Date.now().toString(36)}`;
}
