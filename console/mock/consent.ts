/** Consent for the mock server: purposes, what one person allows. */
import type { ConsentPosition, ConsentProof, Purpose } from "../src/api/types";

const DAY = 86_400_000;
const at = (ago: number) => new Date(Date.now() - ago).toISOString();

const base = { description_zh: "", description_en: "", essential: false, sensitive: false, basis: "consent", valid_days: null, retention: "24 个月", archived: false, version: 1, renew_from: 0, text_zh: "同意文本", text_en: "What people agree to", updated_at: null } as const;

export const purposes: Purpose[] = [
  { ...base, id: "service", name_zh: "服务通知", name_en: "Service messages", description_zh: "订单、物流、退款与账户安全的通知。", essential: true, basis: "contract", silence: { "*": "opt_out" } },
  { ...base, id: "marketing", name_zh: "营销信息", name_en: "Offers and news", description_zh: "新品、优惠与活动。", silence: { "*": "opt_out", email: "opt_out" }, version: 2, updated_at: at(9 * DAY) },
  { ...base, id: "automated", name_zh: "个性化推荐", name_en: "Personal recommendations", silence: { "*": "opt_out" } },
  { ...base, id: "sharing", name_zh: "提供给第三方", name_en: "Sharing with others", sensitive: true, silence: { "*": "opt_in" } },
];

const proof: ConsentProof = { at: at(3 * DAY), recorded_at: at(3 * DAY), version: 1, source: "preference_page", how: "checkbox", evidence: "message:3-1", identifier: "email:m**@example.com", recorded_by: "person" };

const said: Record<string, [ConsentPosition["state"], boolean, ConsentProof | null]> = {
  service: [null, true, null], marketing: ["withdrawn", false, proof], automated: [null, true, null], sharing: ["granted", true, { ...proof, source: "静安寺店", how: "paper", recorded_by: "user:1" }],
};

const positions = purposes.map(({ id, name_zh, name_en, essential, sensitive, version, silence }): ConsentPosition => {
  const [state, allowed, why] = said[id] ?? [null, true, null];
  return { purpose: id, name_zh, name_en, essential, sensitive, channel: Object.keys(silence).find((name) => name !== "*") ?? "*", state, allowed, version, proof: why };
});

export function consentOf(rest: string[]): unknown {
  switch (rest[0]) {
    case "purposes": return rest[2] === "texts" ? { items: [{ version: 1, text_zh: "同意文本", text_en: "What people agree to", renews: false, created_at: null, created_by: "system" }], next_cursor: null, total: 1 } : { items: purposes, next_cursor: null, total: purposes.length };
    case "records": return { items: [{ entry: 1, repeated: false, error: null }], recorded: 1 };
    default: return { minors: null };
  }
}

export function personConsent(person: number, part: string | undefined): unknown {
  if (part === "link") return { url: "https://siyu.example/preferences/AQX…", expires_at: at(-30 * DAY) };
  if (part === "history") return { items: [{ id: 2, person, purpose: "marketing", channel: "email", state: "withdrawn", proof }, { id: 1, person, purpose: "marketing", channel: "email", state: "granted", proof: { ...proof, source: "注册页", at: at(90 * DAY) } }], next_cursor: null, total: null };
  return { person, positions, minor: false };
}
