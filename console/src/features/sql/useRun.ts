/** One statement at a time: asked, cancelled, answered. */
import { useCallback, useRef, useState } from "react";
import { post, remove } from "../../api/client";
import { asApiError, type ApiError } from "../../api/errors";
import type { SqlAnswer } from "../../api/types";

export type ParamValues = Record<string, string | number | boolean | null>;

export interface Run {
  answer: SqlAnswer | null;
  /** What was asked for the answer on screen: files and segments are made of that. */
  asked: { sql: string; params: ParamValues } | null;
  error: ApiError | null;
  busy: boolean;
  start: (sql: string, params: ParamValues) => void;
  cancel: () => void;
}

export function useRun(): Run {
  const [state, setState] = useState<Pick<Run, "answer" | "asked" | "error" | "busy">>({ answer: null, asked: null, error: null, busy: false });
  const running = useRef<string | null>(null);

  const start = useCallback((sql: string, params: ParamValues) => {
    // Not `randomUUID`, which is only there over HTTPS; many run this in their own network without.
    const run = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    running.current = run;
    setState((before) => ({ ...before, busy: true, error: null }));
    post<SqlAnswer>("/sql/run", { sql, params, run })
      .then((answer) => running.current === run && setState({ answer, asked: { sql, params }, error: null, busy: false }))
      .catch((error: unknown) => running.current === run && setState({ answer: null, asked: null, error: asApiError(error), busy: false }));
  }, []);

  const cancel = useCallback(() => {
    const run = running.current;
    // If even this does not arrive, the statement ends by its time.
    if (run !== null) remove(`/sql/runs/${run}`).catch(() => undefined);
  }, []);

  return { ...state, start, cancel };
}
