/** A value with its past and future. */
import { useCallback, useState } from "react";

interface History<T> {
  past: T[];
  value: T;
  future: T[];
}

export function useUndo<T>(initial: T) {
  const [history, setHistory] = useState<History<T>>({ past: [], value: initial, future: [] });
  const set = useCallback((value: T) => setHistory((before) => ({ past: [...before.past, before.value], value, future: [] })), []);
  const undo = useCallback(
    () =>
      setHistory((before) => {
        const last = before.past.at(-1);
        return last === undefined ? before : { past: before.past.slice(0, -1), value: last, future: [before.value, ...before.future] };
      }),
    [],
  );
  const redo = useCallback(
    () =>
      setHistory((before) => {
        const [next, ...rest] = before.future;
        return next === undefined ? before : { past: [...before.past, before.value], value: next, future: rest };
      }),
    [],
  );
  return { value: history.value, set, undo, redo, canUndo: history.past.length > 0, canRedo: history.future.length > 0, dirty: history.past.length > 0 };
}
