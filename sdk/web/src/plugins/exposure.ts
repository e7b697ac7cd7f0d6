// What came into view: elements marked `data-siyu-expose="banner_summer"`, each once
// per page, when half of it was visible for half a second.

import type { Plugin } from '../options';
import { given, ignored } from './element';

const MARK = '[data-siyu-expose]';
const PART_VISIBLE = 0.5;
const MILLIS_VISIBLE = 500;

export function exposure(): Plugin {
  return {
    name: 'exposure',
    start({ track, onNavigate }) {
      if (typeof IntersectionObserver !== 'function') return;
      let told = new WeakSet<Element>();
      const timers = new Map<Element, ReturnType<typeof setTimeout>>();
      const hide = (element: Element): void => {
        clearTimeout(timers.get(element));
        timers.delete(element);
      };
      const show = (element: Element): void => {
        if (told.has(element) || timers.has(element) || ignored(element)) return;
        const seen = (): void => {
          told.add(element);
          hide(element);
          const exposure = element.getAttribute('data-siyu-expose') || element.id;
          track('element_expose', { exposure, ...given(element) });
        };
        timers.set(element, setTimeout(seen, MILLIS_VISIBLE));
      };
      const changed: IntersectionObserverCallback = (entries) =>
        entries.forEach(({ isIntersecting, target }) => (isIntersecting ? show : hide)(target));
      // Of a tall element half may never fit: then as much of it as fits counts.
      const observer = new IntersectionObserver(changed, { threshold: [PART_VISIBLE] });
      const tall = new IntersectionObserver(changed, { rootMargin: '-45% 0px -45% 0px' });
      const watched = new WeakSet<Element>();
      const look = (): void =>
        document.querySelectorAll(MARK).forEach((element) => {
          if (watched.has(element)) return;
          watched.add(element);
          (element.getBoundingClientRect().height * PART_VISIBLE > innerHeight ? tall : observer).observe(element);
        });
      new MutationObserver(look).observe(document.documentElement, {
        childList: true,
        subtree: true,
        attributes: true,
        attributeFilter: ['data-siyu-expose'],
      });
      onNavigate(() => (told = new WeakSet()));
      look();
    },
  };
}
