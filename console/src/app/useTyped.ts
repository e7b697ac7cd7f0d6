/** A text that is typed, and written down once the fingers rest. Only typing writes it: a page that is being left writes nothing. */
import { useEffect, useRef, useState } from "react";

const TYPING_MILLIS = 300;

export function useTyped(initial: string, write: (text: string) => void): [string, (text: string) => void, () => void] {
  const [text, setText] = useState(initial);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const rest = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  // Written by somebody else, such as the palette; not over what is being typed.
  useEffect(() => {
    if (timer.current === undefined) setText(initial);
  }, [initial]);
  const type = (next: string) => {
    setText(next);
    rest();
    timer.current = setTimeout(() => {
      timer.current = undefined;
      write(next.trim());
    }, TYPING_MILLIS);
  };
  const clear = () => {
    rest();
    setText("");
  };
  return [text, type, clear];
}
