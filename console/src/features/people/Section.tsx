/** One part of who somebody is: a heading and what stands below it, parted by a hairline. */
import type { ReactNode } from "react";

interface SectionProps {
  title: string;
  /** Beside the heading. */
  extra?: ReactNode;
  children: ReactNode;
}

export function Section({ title, extra, children }: SectionProps) {
  return (
    <section className="about-section" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {extra}
      </header>
      {children}
    </section>
  );
}

export function Pair({ name, title, children }: { name: ReactNode; title?: string; children: ReactNode }) {
  return (
    <>
      <dt title={title}>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
