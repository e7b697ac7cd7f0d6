/** The rights desk for the mock server: requests with their steps, a copy, a correction, decisions. */
import type { RightsCopy, RightsCorrection, RightsDecision, RightsRequest, RightsStep } from "../src/api/types";

const DAY = 86_400_000;
const at = (ago: number) => new Date(Date.now() - ago).toISOString();

const base = { contact: null, source: "preference_page", note: "message:3-1", answer: "", language: "zh", overdue: false, due_soon: false, assignee: null, mine: false, verified: null, ended_at: null, updated_at: at(DAY) } as const;

const requests: RightsRequest[] = [
  { ...base, id: 1, person: 3, kind: "erase", state: "open", asked_at: at(24 * DAY), due_at: at(2 * DAY), overdue: true },
  { ...base, id: 2, person: 1, kind: "access", state: "working", asked_at: at(16 * DAY), due_at: at(-4 * DAY), due_soon: true, assignee: "林岚", mine: true, verified: { at: at(DAY), how: "call_back" } },
  { ...base, id: 3, person: null, contact: { namespace: "email", value: "who@example.org" }, kind: "access", state: "open", source: "邮件", note: "想要一份副本", asked_at: at(2 * DAY), due_at: at(-18 * DAY) },
];

const steps: RightsStep[] = [
  { at: at(DAY), kind: "verified", actor: "user:1", actor_name: "林岚", text: "回拨预留手机，生日相符" },
  { at: at(DAY), kind: "taken", actor: "user:1", actor_name: "林岚", text: "" },
  { at: at(16 * DAY), kind: "asked", actor: "person", actor_name: "", text: "message:3-1" },
];

const copy: RightsCopy = { id: 1, person: 1, request: 2, language: "zh", state: "ready", job: 1, bytes: 48_210, export_code: "SY-7QK3-9MXA", sha256: "9f", contents: [{ area: "events", count: 812, cut: false }, { area: "profile", count: 14, cut: false }], created_at: at(DAY / 2), created_by: "林岚", expires_at: at(-13 * DAY), handed_out: true, locked: false, downloads: 1, fetches: 0 };

const correction: RightsCorrection = { id: 1, request: null, kind: "attribute", name: "city", reason: "本人来电更正", at: at(3 * DAY), by: "林岚", undone_at: null };

const decisions: RightsDecision[] = [
  { kind: "tag", id: 1, name: "购买情况", outcome: { zh: "买过", en: "买过" }, at: null, automated: false, why: { zh: "最近 90 天内，“order_paid”的次数至少为 1", en: "the number of “order_paid” in the last 90 days is at least 1" }, facts: [{ zh: "“order_paid”共 3 次", en: "“order_paid” 3 times in all" }] },
  { kind: "campaign", id: 1, name: "秋季上新", outcome: { zh: "对照组，不发送", en: "in the control group, not sent" }, at: at(6 * DAY), automated: true, why: { zh: "", en: "" }, facts: [] },
];

const page = <T>(items: T[]) => ({ items, next_cursor: null, total: items.length });

export function rightsOf([first, id, action]: string[], query: URLSearchParams): unknown {
  if (first === "summary") return { open: 3, due_soon: 1, overdue: 1, mine: 1 };
  if (first === "find") return { people: [], requests: [3] };
  if (first === "copies") return action === "hand_out" ? { code: "7KQ2M-XV9TB" } : copy;
  if (first === "corrections") return correction;
  if (id === undefined) return page(query.get("ended") === "true" ? [] : requests);
  if (action === "copies") return page(id === "2" ? [copy] : []);
  return { request: requests.find((request) => request.id === Number(id)) ?? requests[0], steps };
}

export function personRights(part: string): unknown {
  if (part === "decisions") return page(decisions);
  return part === "copies" ? page([copy]) : page([correction]);
}
