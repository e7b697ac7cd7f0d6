// Clicks on links, buttons and whatever is marked.
//
// <button data-siyu-event="cart_add" data-siyu-prop-item_id="A1"> is that event;
// other buttons and links are `element_click`.

import type { Plugin } from '../options';
import { about, given, ignored } from './element';

const CLICKABLE = 'a[href],button,[role=button],input[type=submit],input[type=button],[data-siyu-event],[data-siyu-click]';

export function clicks(): Plugin {
  return {
    name: 'clicks',
    start({ track }) {
      const clicked = (event: Event): void => {
        const target = event.target instanceof Element ? event.target.closest(CLICKABLE) : null;
        if (!target || ignored(target)) return;
        track(target.getAttribute('data-siyu-event') || 'element_click', { ...about(target), ...given(target) });
      };
      // While it sinks, so that a page that stops events cannot hide it.
      document.addEventListener('click', clicked, true);
    },
  };
}
