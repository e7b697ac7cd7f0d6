/** Who is told of an alert, and what can be seen of an address without sending anything. */
import type { Receiver } from "../../api/types";

export const RECEIVERS_MAX = 10;
export const RECEIVER_KINDS = ["email", "webhook"] as const;
export type ReceiverKind = (typeof RECEIVER_KINDS)[number];

export function addressOf(receiver: Receiver): string {
  return receiver.kind === "email" ? receiver.to : receiver.url;
}

export function receiverOf(kind: ReceiverKind, address: string): Receiver {
  return kind === "email" ? { kind, to: address } : { kind, url: address };
}

/** Where the server says that the address of a receiver is wrong. */
export function placeOf(receiver: Receiver, at: number): string {
  return `tell[${at}].${receiver.kind === "email" ? "to" : "url"}`;
}

interface Sentences {
  required: (text: string) => string | undefined;
  email: (text: string) => string | undefined;
  url: string;
  twice: string;
}

/** What is wrong with a list, by place; nothing where all is well. */
export function receiverErrors(tell: Receiver[], say: Sentences): Record<string, string | undefined> {
  const seen = new Set<string>();
  return Object.fromEntries(
    tell.map((receiver, at) => {
      const address = addressOf(receiver).trim();
      const key = `${receiver.kind} ${address}`;
      const twice = seen.has(key) ? say.twice : undefined;
      seen.add(key);
      const shape = receiver.kind === "email" ? say.email(address) : isWebAddress(address) ? undefined : say.url;
      return [placeOf(receiver, at), say.required(address) ?? shape ?? twice];
    }),
  );
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\/[^\s/]/i.test(text) && URL.canParse(text);
}
