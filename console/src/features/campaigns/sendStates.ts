/** Words and colours of the states of one send. */
import type { Send } from "../../api/types";
import type { Tone } from "../../ui";

export const SEND_TONES: Record<Send["state"], Tone> = {
  pending: "neutral",
  attempting: "info",
  sent: "success",
  failed: "danger",
  unknown: "warning",
  suppressed: "neutral",
  withheld: "neutral",
  cancelled: "neutral",
};

/** What became of it weighs more than that it was sent. */
export function shownState(send: Send): Send["state"] | "bounced" | "bounced_soft" | "delivered" {
  if (send.bounce !== "none") return send.bounce === "hard" ? "bounced" : "bounced_soft";
  return send.state === "sent" && send.delivered_at ? "delivered" : send.state;
}
