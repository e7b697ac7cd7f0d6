// How long a page was looked at. `page_stay` carries the visible time since the last
// one, so their sum is the whole; a page that is hidden may never come back to say so.

import type { Plugin } from '../options';

const MILLIS_LEAST = 1_000;

export function stay(): Plugin {
  return {
    name: 'stay',
    start({ track, facts, tick, onLeave, onNavigate }) {
      let since: number | null = document.visibilityState === 'hidden' ? null : tick();
      let deepest = 0;
      let shown = facts();
      const depth = (): void => {
        const { scrollHeight } = document.documentElement;
        const bottom = (scrollY + innerHeight) / Math.max(scrollHeight, 1);
        deepest = Math.min(100, Math.max(deepest, Math.round(bottom * 100)));
      };
      const tell = (): void => {
        if (since === null) return;
        const millis = Math.round(tick() - since);
        if (millis < MILLIS_LEAST) return;
        depth();
        track('page_stay', { url: shown.url, path: shown.path, title: shown.title, visible_millis: millis, scroll_percent: deepest });
        since = tick();
      };
      onLeave(() => {
        tell();
        since = null;
      });
      document.addEventListener('visibilitychange', () => {
        if (document.visibilityState !== 'hidden') since = tick();
      });
      addEventListener('pageshow', () => (since ??= tick()));
      addEventListener('scroll', depth, { passive: true });
      onNavigate(() => {
        if (facts().url === shown.url) return;
        tell();
        since = since === null ? null : tick();
        deepest = 0;
        shown = facts();
      });
    },
  };
}
