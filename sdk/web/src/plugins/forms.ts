// Forms: begun, sent, or given up, and at which field. Names of fields only; what
// somebody types is never read.

import type { Plugin } from '../options';
import { ignored, placeOf } from './element';

interface Begun {
  form: string;
  last: string;
  fields: Set<string>;
  since: number;
}

export function forms(): Plugin {
  return {
    name: 'forms',
    start({ track, tick, onLeave, onNavigate }) {
      const begun = new Map<HTMLFormElement, Begun>();
      const formOf = (target: EventTarget | null): HTMLFormElement | null => {
        const form = target instanceof Element ? target.closest('form') : null;
        return form && !ignored(form) ? form : null;
      };
      const facts = (state: Begun): Record<string, unknown> => ({
        form: state.form,
        form_fields: [...state.fields],
        last_field: state.last || undefined,
        form_millis: Math.round(tick() - state.since),
      });
      document.addEventListener(
        'input',
        ({ target }) => {
          const form = formOf(target);
          if (!form || !(target instanceof Element) || ignored(target)) return;
          let state = begun.get(form);
          if (!state) {
            // A field called `id` or `name` hides the form's own property.
            const called = form.getAttribute('id') || form.getAttribute('name') || placeOf(form);
            state = { form: called, last: '', fields: new Set(), since: tick() };
            begun.set(form, state);
            track('form_start', { form: called });
          }
          state.last = target.getAttribute('name') || target.id;
          if (state.last) state.fields.add(state.last);
        },
        true,
      );
      document.addEventListener(
        'submit',
        ({ target }) => {
          const form = formOf(target);
          const state = form && begun.get(form);
          if (!form || !state) return;
          begun.delete(form);
          track('form_submit', facts(state));
        },
        true,
      );
      const abandon = (gone: boolean): void =>
        begun.forEach((state, form) => {
          if (!gone && form.isConnected) return;
          begun.delete(form);
          track('form_abandon', facts(state));
        });
      onLeave((gone) => gone && abandon(true));
      // A form may stand on the next view of an application as well.
      onNavigate(() => abandon(false));
    },
  };
}
