// What a page may say when it starts collecting, and what a plugin is.

import type { Properties } from './message';
import type { PageFacts } from './world';

export interface Options {
  /** A write key, `wk_…`. It can send and nothing else, so it may stand in a page. */
  key: string;
  /** The address of siyu, such as `https://siyu.example`. */
  url: string;
  /** The whole address to send to, where a path of one's own site leads to siyu. */
  endpoint?: string;
  /** Count a view on load and on every change of address. Default: true. */
  autoPage?: boolean;
  plugins?: Plugin[];
  /** `required`: nothing is stored or sent before `consent(…)`. */
  consent?: 'required';
  /** Take Do Not Track as a no, and Global Privacy Control as a no to marketing,
   * until the visitor decides. Default: false. */
  respectSignals?: boolean;
  /** Minutes of silence that end a visit. Default: 30. */
  sessionMinutes?: number;
  /** A new campaign link begins a new visit. Default: true. */
  sessionOnCampaign?: boolean;
  /** Address parameters to keep besides `utm_*` and the known clicks. */
  parameters?: string[];
  /** Tell how the very first visit came, as attributes `first_…`. Default: true. */
  firstTouch?: boolean;
  /** Other domains of ours, to which links carry the device. */
  linkDomains?: string[];
  /** The domain that the cookie is for. Default: the widest that the browser allows. */
  cookieDomain?: string;
  /** Send when so many messages wait (20), or after so many milliseconds (3000). */
  batchMessages?: number;
  batchMillis?: number;
  /** What may wait at most: 1000 messages, 2000000 bytes. */
  queueMessages?: number;
  queueBytes?: number;
  /** Bodies as gzip, where the browser can. Default: false. */
  compress?: boolean;
  debug?: boolean;
}

/** What a plugin may use of the core; the rest it takes from the page. */
export interface Tools {
  track(event: string, properties?: Properties): void;
  page(properties?: Properties): void;
  facts(): PageFacts;
  /** Milliseconds of a clock that only goes forward. */
  tick(): number;
  onNavigate(run: () => void): void;
  /** The page is hidden, or (`gone`) left; the queue is sent right after. */
  onLeave(run: (gone: boolean) => void): void;
}

export interface Plugin {
  name: string;
  start(tools: Tools): void;
}
