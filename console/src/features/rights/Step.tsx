/** One step of the way from a request to its answer. */
import type { ReactNode } from "react";

interface Props {
  title: string;
  done?: boolean;
  /** Its turn has not come. */
  off?: boolean;
  children?: ReactNode;
}

export function Step({ title, done, off, children }: Props) {
  return (
    <li className={`rights-step${done ? " rights-done" : ""}${off ? " rights-off" : ""}`}>
      <h2>{title}</h2>
      {children}
    </li>
  );
}
