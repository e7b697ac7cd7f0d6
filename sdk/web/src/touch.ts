// How a visit came: campaign parameters, the clicks of advertisers, the page before.

import type { Value } from './message';
import type { PageFacts } from './world';

export type Touch = Record<string, Value>;

export const CAMPAIGN_PARAMETERS = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'utm_id'];
/** Each names one click of one person, so they need consent to marketing. */
export const CLICK_PARAMETERS = ['gclid', 'gbraid', 'wbraid', 'fbclid', 'msclkid', 'ttclid', 'qz_gdt', 'gdt_vid', 'bd_vid'];
const VALUE_CHARS_MAX = 200;

/** The end of a host's name → who that is. Longer ones before what they end with. */
const SITES: [kind: 'search' | 'social', name: string, ends: string][] = [
  ['social', 'tieba', 'tieba.baidu.com'],
  ['search', 'baidu', 'baidu.com'],
  ['search', 'sogou', 'sogou.com'],
  ['search', '360', 'so.com'],
  ['search', 'shenma', 'sm.cn'],
  ['search', 'toutiao', 'so.toutiao.com'],
  ['search', 'bing', 'bing.com'],
  ['search', 'duckduckgo', 'duckduckgo.com'],
  ['search', 'yandex', 'yandex.ru yandex.com'],
  ['search', 'yahoo', 'search.yahoo.com search.yahoo.co.jp'],
  ['search', 'naver', 'search.naver.com'],
  ['social', 'weixin', 'weixin.qq.com weixin110.qq.com wx.qq.com servicewechat.com'],
  ['social', 'qq', 'qzone.qq.com url.cn'],
  ['social', 'weibo', 'weibo.com weibo.cn t.cn'],
  ['social', 'xiaohongshu', 'xiaohongshu.com xhslink.com'],
  ['social', 'douyin', 'douyin.com'],
  ['social', 'kuaishou', 'kuaishou.com'],
  ['social', 'bilibili', 'bilibili.com b23.tv'],
  ['social', 'zhihu', 'zhihu.com'],
  ['social', 'douban', 'douban.com'],
  ['social', 'toutiao', 'toutiao.com'],
  ['social', 'facebook', 'facebook.com fb.com'],
  ['social', 'instagram', 'instagram.com'],
  ['social', 'x', 'twitter.com x.com t.co'],
  ['social', 'linkedin', 'linkedin.com lnkd.in'],
  ['social', 'youtube', 'youtube.com'],
  ['social', 'reddit', 'reddit.com'],
  ['social', 'tiktok', 'tiktok.com'],
];

export function within(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** Who sent the visitor: an engine, a network, or nobody we know. */
export function siteOf(host: string): { kind: 'search' | 'social'; name: string } | null {
  for (const [kind, name, ends] of SITES) {
    if (ends.split(' ').some((end) => within(host, end))) return { kind, name };
  }
  // Google has an address in each country.
  return /(^|\.)google\.([a-z]{2,3})(\.[a-z]{2})?$/.test(host) ? { kind: 'search', name: 'google' } : null;
}

export function hostOf(url: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(url)?.[1]?.toLowerCase() ?? '';
}

/** The touch that this page's address and referrer speak of; `channel` is always there. */
export function touchOf(facts: PageFacts, ownDomain: string, more: string[] = []): Touch {
  const parameters = new URLSearchParams(facts.search);
  const touch: Touch = {};
  for (const name of [...CAMPAIGN_PARAMETERS, ...CLICK_PARAMETERS, ...more]) {
    const value = parameters.get(name);
    if (value) touch[name] = value.slice(0, VALUE_CHARS_MAX);
  }
  const host = hostOf(facts.referrer);
  const inside = host === facts.host || (ownDomain !== '' && within(host, ownDomain));
  // WeChat's browser names no referrer.
  const wechat = host === '' && /micromessenger/i.test(facts.userAgent);
  const site = wechat ? ({ kind: 'social', name: 'weixin' } as const) : inside ? null : siteOf(host);
  if (host && !inside) touch['referrer_host'] = host;
  if (site) touch['referrer_site'] = site.name;
  touch['channel'] = channelOf(touch, site?.kind ?? null, host !== '' && !inside);
  return touch;
}

function channelOf(touch: Touch, site: 'search' | 'social' | null, outside: boolean): string {
  const medium = String(touch['utm_medium'] ?? '').toLowerCase();
  if (/^(cpc|cpm|cpv|cpa|ppc|paid.*|display|banner|ads?)$/.test(medium)) return 'paid';
  if (/^(e-?mail|edm)$/.test(medium)) return 'email';
  if (medium === 'sms') return 'sms';
  if (CLICK_PARAMETERS.some((name) => name !== 'fbclid' && name in touch)) return 'paid';
  if (medium === 'social') return 'social';
  if (Object.keys(touch).some((name) => CAMPAIGN_PARAMETERS.includes(name))) return 'campaign';
  return site ?? (outside ? 'referral' : 'direct');
}

/** Whether the visitor was sent here by something, so that a new visit may begin. */
export function isCampaign(touch: Touch): boolean {
  return Object.keys(touch).some((name) => !/^(channel|referrer_)/.test(name));
}

/** An address or properties without what names a click. */
export function withoutClicks<T extends Record<string, unknown>>(properties: T): T {
  const left: Record<string, unknown> = {};
  const clicks = new RegExp(`([?&])(?:(?:${CLICK_PARAMETERS.join('|')})=[^&#]*(?:&|(?=#|$)))+`, 'g');
  for (const name of Object.keys(properties)) {
    const value = properties[name];
    if (CLICK_PARAMETERS.includes(name.replace(/^(first|last)_/, ''))) continue;
    left[name] = typeof value === 'string' ? value.replace(clicks, '$1').replace(/[?&](?=#|$)/, '') : value;
  }
  return left as T;
}
