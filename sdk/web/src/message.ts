// The shape of what is sent, as POST /api/v1/collect documents it.

export type Value = string | number | boolean | string[] | null;
export type Properties = Record<string, Value>;

export interface Message {
  type:
    | 'track'
    | 'page'
    | 'identify'
    | 'profile_set'
    | 'profile_set_once'
    | 'profile_increment'
    | 'profile_append'
    | 'profile_unset';
  /** Given once; the server counts a message once however often it arrives. */
  id: string;
  event?: string;
  /** Milliseconds since 1970 by this device's clock. */
  time: number;
  device: string;
  login?: string;
  identifiers?: Record<string, string>;
  properties?: Properties;
  names?: string[];
}

/** A random identifier, RFC 9562 version 4. */
export function uuid(random: (count: number) => Uint8Array): string {
  const bytes = random(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
