/** What a campaign starts as, and what it lacks before it can start. */
import type { Campaign, EmailContent, WebhookContent } from "../../api/types";

export const CONTROL_PERCENT_DEFAULT = 10;
export const GOAL_HOURS_DEFAULT = 72;

export type CampaignDraft = Pick<Campaign, "name" | "channel" | "segment_id" | "content" | "control_percent" | "goal" | "purpose" | "automated">;

export function newCampaign(name: string, segment: number | null): CampaignDraft {
  return {
    name,
    channel: "email",
    segment_id: segment,
    content: { subject: "", html: "" },
    purpose: "marketing",
    automated: false,
    control_percent: CONTROL_PERCENT_DEFAULT,
    goal: { event: { event: "order_paid", filters: [] }, window_hours: GOAL_HOURS_DEFAULT },
  };
}

export function isEmail(content: Campaign["content"]): content is EmailContent {
  return "html" in content;
}

export function isWebhook(content: Campaign["content"]): content is WebhookContent {
  return "url" in content;
}

export type Step = "audience" | "message" | "goal" | "check";
export const STEPS: Step[] = ["audience", "message", "goal", "check"];

/** Steps that still lack something. */
export function lacking(draft: CampaignDraft): Step[] {
  const steps: Step[] = [];
  if (draft.segment_id === null || draft.name.trim() === "") steps.push("audience");
  const { content } = draft;
  if (isEmail(content) ? content.subject.trim() === "" || content.html.trim() === "" : content.url.trim() === "") steps.push("message");
  return steps;
}
