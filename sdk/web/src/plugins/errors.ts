// Faults of the page's own scripts: `page_error`, each once, and not without end.

import type { Plugin } from '../options';

const ERRORS_MAX = 10;
const MESSAGE_CHARS_MAX = 300;
const STACK_CHARS_MAX = 1_000;

export function errors(): Plugin {
  return {
    name: 'errors',
    start({ track }) {
      const told = new Set<string>();
      const tell = (message: string, stack: unknown, more: Record<string, unknown>): void => {
        const short = message.slice(0, MESSAGE_CHARS_MAX);
        if (told.has(short) || told.size >= ERRORS_MAX) return;
        told.add(short);
        // Addresses in a stack may carry what somebody searched for.
        const trace = typeof stack === 'string' ? stack.replace(/[?#][^\s:)]*/g, '').slice(0, STACK_CHARS_MAX) : undefined;
        track('page_error', { error_message: short, error_stack: trace, ...more });
      };
      addEventListener('error', (event) => {
        if (!(event instanceof ErrorEvent)) return;
        const file = event.filename?.replace(/[?#].*/, '') || undefined;
        tell(event.message, (event.error as Error | null)?.stack, { error_file: file, error_line: event.lineno, error_column: event.colno });
      });
      addEventListener('unhandledrejection', ({ reason }) => {
        const error = reason as Partial<Error> | null | undefined;
        tell(String(error?.message ?? reason), error?.stack, { error_kind: 'unhandledrejection' });
      });
    },
  };
}
