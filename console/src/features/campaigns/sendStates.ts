/** Colours of the states of one send. */
import type { Tone } from "../../ui";

export const SEND_TONES: Record<string, Tone> = {
  pending: "neutral",
  sending: "info",
  sent: "success",
  delivered: "success",
  opened: "success",
  clicked: "brand",
  failed: "danger",
  bounced: "danger",
  unknown: "warning",
  suppressed: "neutral",
  withheld: "neutral",
};
