/** The frame of every page: where I am, what it is, the one thing to do. */
import { ArrowLeft, MoreHorizontal } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { Button, Dropdown, type MenuProps } from "./controls";

interface PageProps {
  title: string;
  /** Sits beside the title: a state, "as of". */
  status?: ReactNode;
  description?: ReactNode;
  /** One primary action. */
  primary?: ReactNode;
  /** The rest, behind a menu. */
  more?: MenuProps["items"];
  moreLabel?: string;
  back?: { label: string; onClick: () => void };
  wide?: boolean;
  children: ReactNode;
}

export function Page({ title, status, description, primary, more, moreLabel, back, wide, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · siyu`;
  }, [title]);
  return (
    <div className={wide ? "page page-wide" : "page"}>
      <header className="page-head">
        <div className="page-title">
          {back && (
            <Button type="text" icon={<ArrowLeft size={16} />} aria-label={back.label} title={back.label} onClick={back.onClick} />
          )}
          <h1>{title}</h1>
          {status}
        </div>
        <div className="page-actions">
          {more && more.length > 0 && (
            <Dropdown menu={{ items: more }} trigger={["click"]} placement="bottomRight">
              <Button icon={<MoreHorizontal size={16} />} aria-label={moreLabel ?? title} />
            </Dropdown>
          )}
          {primary}
        </div>
        {description && <p className="page-description">{description}</p>}
      </header>
      {children}
    </div>
  );
}

interface PanelProps {
  title?: ReactNode;
  extra?: ReactNode;
  help?: ReactNode;
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

/** A box with an optional heading. */
export function Panel({ title, extra, help, flush, className, children }: PanelProps) {
  return (
    <section className={["panel", flush ? "panel-flush" : "", className ?? ""].join(" ")}>
      {(title !== undefined || extra !== undefined) && (
        <header className="panel-head">
          <div>
            <h2>{title}</h2>
            {help && <p className="help">{help}</p>}
          </div>
          {extra && <div className="panel-extra">{extra}</div>}
        </header>
      )}
      <div className="panel-body">{children}</div>
    </section>
  );
}
