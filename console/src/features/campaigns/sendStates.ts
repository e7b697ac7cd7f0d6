/** Colours of the states of one send. */
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
