/** Whether an element has come near the screen; once seen it stays so. */
import { useEffect, useState, type RefObject } from "react";

/** A little before it is really there, so that scrolling meets answers. */
const MARGIN = "200px";

export function useSeen(element: RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const at = element.current;
    if (!at || seen) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), { rootMargin: MARGIN });
    observer.observe(at);
    return () => observer.disconnect();
  }, [element, seen]);
  return seen;
}
