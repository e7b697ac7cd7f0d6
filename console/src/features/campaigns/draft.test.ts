import { describe, expect, it } from "vitest";
import { lacking, newCampaign, type CampaignDraft, type Step } from "./draft";

const written = { subject: "s", html: "<p>h</p>" };

describe("what a draft still lacks", () => {
  const cases: [name: string, part: Partial<CampaignDraft>, steps: Step[]][] = [
    ["a new one without a segment", {}, ["audience", "message"]],
    ["a segment and words", { segment_id: 1, content: written }, []],
    ["a blank name", { name: " ", segment_id: 1, content: written }, ["audience"]],
    ["no subject", { segment_id: 1, content: { ...written, subject: " " } }, ["message"]],
    ["a webhook without an address", { segment_id: 1, channel: "webhook", content: { url: "", method: "POST", body: {} } }, ["message"]],
    ["a webhook", { segment_id: 1, channel: "webhook", content: { url: "https://x", method: "POST", body: {} } }, []],
    ["no goal is allowed", { segment_id: 1, content: written, goal: null }, []],
  ];
  it.each(cases)("%s", (_, part, steps) => {
    expect(lacking({ ...newCampaign("n", null), ...part })).toEqual(steps);
  });

  it("a new one keeps a control group and has a goal", () => {
    const draft = newCampaign("n", 7);
    expect(draft.control_percent).toBeGreaterThan(0);
    expect(draft.goal).not.toBeNull();
    expect(draft.segment_id).toBe(7);
  });
});
