// The same browser on another of our domains: a link there carries the device along.

import { hostOf, within } from './touch';
import type { World } from './world';

export const LINK_PARAMETER = 'siyu_link';
/** A link that is passed on to somebody else is soon worth nothing. */
export const LINK_MILLIS_MAX = 2 * 60_000;

/** The address with the device in it, if it leads to another of our domains. */
export function linked(world: World, url: string, device: string, domains: string[]): string {
  const host = hostOf(url);
  if (!/^https?:/i.test(url) || host === world.page().host || !domains.some((domain) => within(host, domain))) return url;
  const [head = '', hash] = url.split('#', 2);
  const bare = head.replace(new RegExp(`([?&])${LINK_PARAMETER}=[^&]*&?`), '$1').replace(/[?&]$/, '');
  const mark = `${LINK_PARAMETER}=${device}.${world.now().toString(36)}`;
  return `${bare}${bare.includes('?') ? '&' : '?'}${mark}${hash === undefined ? '' : `#${hash}`}`;
}

/** The device that a link has brought, and the address without it. Only a page of
 * our own domains may send one: anybody can write an address, nobody a referrer. */
export function arrived(world: World, domains: string[]): string | null {
  const { url, referrer } = world.page();
  const [, device, time] = new RegExp(`[?&]${LINK_PARAMETER}=([\\w-]{8,64})\\.([0-9a-z]{6,10})(?=[&#]|$)`).exec(url) ?? [];
  if (!device || !time) return null;
  world.replaceAddress(url.replace(new RegExp(`([?&])${LINK_PARAMETER}=[^&#]*&?`), '$1').replace(/[?&](?=#|$)/, ''));
  const age = world.now() - parseInt(time, 36);
  const ours = domains.some((domain) => within(hostOf(referrer), domain));
  // Both clocks are this device's own.
  return ours && age >= -1_000 && age <= LINK_MILLIS_MAX ? device : null;
}
