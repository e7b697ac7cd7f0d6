// A view for the first page and for every change of address, in single-page
// applications too.

import type { Plugin } from '../options';

interface Choice {
  /** Whether what follows `#` is part of the address: always, never, or only where
   * it looks like a path (`#/cart`). */
  hash?: boolean;
}

export function pages(choice: Choice = {}): Plugin {
  return {
    name: 'pages',
    start({ page, facts, onNavigate }) {
      let shown = '';
      let before = '';
      const address = (): string => {
        const { path, search, hash } = facts();
        const counts = choice.hash ?? /^#!?\//.test(hash);
        return path + search + (counts ? hash : '');
      };
      const visited = (): void => {
        if (address() === shown) return;
        const inside = shown !== '';
        shown = address();
        // Within an application the page before is not the document's referrer.
        page(inside ? { referrer: before } : {});
        before = facts().url;
      };
      onNavigate(visited);
      // A page made ahead of a click that may never come is not yet seen.
      const ahead = typeof document === 'object' && (document as { prerendering?: boolean }).prerendering;
      if (ahead) document.addEventListener('prerenderingchange', visited, { once: true });
      else visited();
    },
  };
}
