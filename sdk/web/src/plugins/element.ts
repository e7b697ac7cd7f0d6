// What may be said of an element: never what somebody typed.

import type { Properties } from '../message';

const TEXT_CHARS_MAX = 60;
const LEVELS_MAX = 5;

/** `data-siyu-ignore` on an element or around it: say nothing of it. */
export function ignored(element: Element): boolean {
  return element.closest('[data-siyu-ignore]') !== null;
}

/** The words on a button or a link; none from under `data-siyu-mask`, nor of
 * anything that can be edited. */
export function wordsOf(element: Element): string {
  if (element.closest('[data-siyu-mask],[contenteditable]') || element.querySelector('[data-siyu-mask],[contenteditable]')) return '';
  if (element.matches('input,select,textarea') || element.querySelector('input,select,textarea')) return '';
  const words = element.textContent?.trim() || element.getAttribute('aria-label') || element.getAttribute('title') || '';
  return words.replace(/\s+/g, ' ').slice(0, TEXT_CHARS_MAX);
}

/** Where it stands: `main>form#login>button`. */
export function placeOf(element: Element): string {
  const steps: string[] = [];
  for (let at: Element | null = element; at && at !== document.body && steps.length < LEVELS_MAX; at = at.parentElement) {
    steps.unshift(at.tagName.toLowerCase() + (at.id ? `#${at.id}` : ''));
    if (at.id) break;
  }
  return steps.join('>');
}

export function about(element: Element): Properties {
  const link = element instanceof HTMLAnchorElement ? element.href.replace(/[?#].*/, '') : undefined;
  return {
    element_tag: element.tagName.toLowerCase(),
    element_id: element.id || undefined,
    element_name: element.getAttribute('name') || undefined,
    element_text: wordsOf(element) || undefined,
    element_link: link,
    element_path: placeOf(element),
  };
}

/** `data-siyu-prop-item_id="A1"` → `item_id: 'A1'`. */
export function given(element: Element): Properties {
  const properties: Properties = {};
  for (const { name, value } of Array.from(element.attributes)) {
    if (name.startsWith('data-siyu-prop-')) properties[name.slice('data-siyu-prop-'.length)] = value;
  }
  return properties;
}
