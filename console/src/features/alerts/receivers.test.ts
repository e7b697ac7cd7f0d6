import { describe, expect, it } from "vitest";
import type { Receiver } from "../../api/types";
import { placeOf, receiverErrors, receiverOf } from "./receivers";

const say = {
  required: (text: string) => (text === "" ? "required" : undefined),
  email: (text: string) => (text.includes("@") ? undefined : "email"),
  url: "url",
  twice: "twice",
};

describe("receivers", () => {
  const cases: [Receiver[], (string | undefined)[]][] = [
    [[], []],
    [[receiverOf("email", "ops@shop.example"), receiverOf("webhook", "https://shop.example/hook")], [undefined, undefined]],
    [[receiverOf("email", " "), receiverOf("webhook", "")], ["required", "required"]],
    [[receiverOf("email", "ops"), receiverOf("webhook", "ftp://shop.example"), receiverOf("webhook", "http://")], ["email", "url", "url"]],
    [[receiverOf("email", "a@b.example"), receiverOf("email", " a@b.example ")], [undefined, "twice"]],
  ];

  it("are checked one by one", () => {
    for (const [tell, texts] of cases) {
      const errors = receiverErrors(tell, say);
      expect(tell.map((receiver, at) => errors[placeOf(receiver, at)]), JSON.stringify(tell)).toEqual(texts);
    }
  });

  it("stand where the server says", () => {
    expect(placeOf(receiverOf("email", ""), 0)).toBe("tell[0].to");
    expect(placeOf(receiverOf("webhook", ""), 3)).toBe("tell[3].url");
  });
});
