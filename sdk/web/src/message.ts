// The shape of what is sent, as POST /api/v1/collect documents it.

export type Value = string | number | boolean | string[] | null;
/** Other values are made to fit: dates become ISO text, big integers their digits,
 * objects JSON text; functions and `undefined` are left out. */
export type Properties = Record<string, unknown>;

export interface Identifiers {
  login?: string;
  device?: string;
  phone?: string;
  email?: string;
}

export interface Message {
  type:
    | 'track'
    | 'page'
    | 'identify'
    | 'profile_set'
    | 'profile_set_once'
    | 'profile_increment'
    | 'profile_append'
    | 'profile_unset'
    | 'profile_delete'
    | 'item_set'
    | 'item_delete'
    | 'consent';
  /** Given once; the server counts a message once however often it arrives. */
  id: string;
  event?: string;
  /** Milliseconds since 1970 by this device's clock. */
  time: number;
  device?: string;
  login?: string;
  identifiers?: Identifiers;
  properties?: Record<string, Value>;
  names?: string[];
  item_type?: string;
  item_id?: string;
  purpose?: string;
  channel?: string;
  state?: Statement['state'];
  version?: number;
  page?: string;
}

/** What the person allows or refuses, as the server's ledger keeps it. */
export interface Statement {
  /** A purpose of the project, such as `marketing`. */
  purpose: string;
  state: 'granted' | 'denied' | 'withdrawn';
  /** Such as `email`; all channels if absent. */
  channel?: string;
  /** Of the text that was shown. */
  version?: number;
}

/** The server takes no more than 32 KiB of text in a property. */
const TEXT_CHARS_MAX = 8_192;

/** Properties as the server takes them. Never throws: one odd value costs itself only. */
export function fitting(properties: Properties): Record<string, Value> {
  const fit: Record<string, Value> = {};
  if (typeof properties !== 'object' || properties === null) return fit;
  for (const name of Object.keys(properties)) {
    try {
      const value = fittingValue(properties[name]);
      if (value !== undefined) fit[name] = value;
    } catch {
      // A getter that throws, or an object that holds itself.
    }
  }
  return fit;
}

function fittingValue(value: unknown): Value | undefined {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.slice(0, TEXT_CHARS_MAX);
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) {
    return value.filter((one) => one != null).map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one)));
  }
  return typeof value === 'object' ? JSON.stringify(value).slice(0, TEXT_CHARS_MAX) : undefined;
}

/** What programs write where nothing is known; as a log-in it would join strangers. */
const PLACEHOLDERS = /^(undefined|null|none|nan|true|false|0+|-1|anonymous|guest|unknown|\[object object\])?$/i;

/** A log-in that can name one person, or null. */
export function realLogin(login: unknown): string | null {
  const text = typeof login === 'string' || typeof login === 'number' ? String(login).trim() : '';
  return PLACEHOLDERS.test(text) ? null : text;
}

/** A random identifier, RFC 9562 version 4. */
export function uuid(random: (count: number) => Uint8Array): string {
  const bytes = random(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Bytes of a text in UTF-8. */
export function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    // A pair of surrogates is four bytes; each half counts two.
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
