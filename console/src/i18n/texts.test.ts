/** The texts are complete: both languages, every error code, every permission of the server. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "../api/errors";
import { PERMISSIONS } from "../api/permissions";
import en from "./en";
import zh from "./zh-CN";

const TYPES = new URL("../../../crates/siyu-types/src/", import.meta.url);

function keys(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [path.replace(/_(one|other)$/, "")];
  return Object.entries(value).flatMap(([name, child]) => keys(child, path === "" ? name : `${path}.${name}`));
}

function leaves(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  return Object.entries(value as Record<string, unknown>).flatMap(([name, child]) => leaves(child, `${path}.${name}`));
}

const unique = (list: string[]) => [...new Set(list)].sort();
const variables = (text: string) => unique([...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? ""));

describe("languages", () => {
  it("have the same keys", () => {
    expect(unique(keys(en))).toEqual(unique(keys(zh)));
  });

  it("use the same variables", () => {
    const chinese = new Map(leaves(zh).map(([path, text]) => [path.replace(/_(one|other)$/, ""), text]));
    for (const [path, text] of leaves(en)) expect(variables(text), path).toEqual(variables(chinese.get(path.replace(/_(one|other)$/, "")) ?? ""));
  });

  it("Chinese has Chinese punctuation", () => {
    for (const [path, text] of leaves(zh)) expect(text, path).not.toMatch(/[\u4e00-\u9fff][,;:?!(]|[,;:?!)][\u4e00-\u9fff]/);
  });

  it("have no empty text, and no Chinese in English", () => {
    for (const [path, text] of [...leaves(zh), ...leaves(en)]) expect(text.trim(), path).not.toBe("");
    for (const [path, text] of leaves(en)) expect(text, path).not.toMatch(/[\u4e00-\u9fff]/);
  });
});

describe("the server's tables", () => {
  it("every error code has a sentence", () => {
    const source = readFileSync(new URL("error.rs", TYPES), "utf8");
    const codes = [...source.matchAll(/^\s+\w+ = "(\w+)", \d+, (?:true|false);/gm)].map((match) => match[1] ?? "");
    expect(codes.length).toBeGreaterThan(20);
    expect(unique([...ERROR_CODES])).toEqual(unique(codes));
    expect(unique(Object.keys(zh.errors))).toEqual(unique([...codes, "unreachable"]));
  });

  it("every reason of a refused row has a sentence", () => {
    const source = readFileSync(new URL("../../siyu-ingest/src/imports/faults.rs", TYPES), "utf8");
    const codes = [...source.matchAll(/^\s+\w+ = "(\w+)",\s*"/gm)].map((match) => `row_${match[1] ?? ""}`);
    expect(codes.length).toBeGreaterThan(15);
    expect(Object.keys(zh.data)).toEqual(expect.arrayContaining(codes));
  });

  it("roles hold the same permissions", () => {
    const source = readFileSync(new URL("permission.rs", TYPES), "utf8");
    const rows = [...source.matchAll(/^\s+\w+ = "([\w.]+)": ([\w ]+);/gm)].map((match) => [match[1] ?? "", (match[2] ?? "").toLowerCase().split(" ")]);
    expect(Object.fromEntries(rows)).toEqual(PERMISSIONS);
    expect(unique(Object.keys(zh.permissions))).toEqual(unique(Object.keys(PERMISSIONS)));
  });
});
