/** Small things used everywhere: numbers, times, states, chips, copying. */
import { Check, Copy } from "lucide-react";
import { useEffect, useState, type ButtonHTMLAttributes, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button, Popover, Tooltip } from "./controls";
import { useFormats, type Instant } from "./format";

/** A number; short where space is short, then exact on hover. */
export function Num({ value, compact, digits }: { value: number | null | undefined; compact?: boolean; digits?: number }) {
  const format = useFormats();
  if (value === null || value === undefined) return <span className="muted">–</span>;
  const exact = format.number(value, digits);
  if (!compact) return <span className="num">{exact}</span>;
  const short = format.compact(value);
  return <span className="num" title={short === exact ? undefined : exact}>{short}</span>;
}

export function Money({ minor, compact }: { minor: number | null | undefined; compact?: boolean }) {
  const format = useFormats();
  if (minor === null || minor === undefined) return <span className="muted">–</span>;
  const exact = format.money(minor);
  const units = minor / format.minorPerUnit;
  if (!compact || Math.abs(units) < 10_000) return <span className="num">{exact}</span>;
  const symbol = exact.replace(/[\d.,\s-]/g, "");
  return <span className="num" title={exact}>{symbol}{format.compact(units)}</span>;
}

const NOW_STEP_MILLIS = 30_000;

/** The present, to within half a minute. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), NOW_STEP_MILLIS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Relative, exact on hover. */
export function Ago({ at }: { at: Instant | null | undefined }) {
  const format = useFormats();
  const now = useNow();
  if (at === null || at === undefined) return <span className="muted">–</span>;
  return <time className="num" title={`${format.dateTime(at)} ${format.zone}`} dateTime={new Date(at).toISOString()}>{format.relative(at, now)}</time>;
}

export function DateTime({ at }: { at: Instant | null | undefined }) {
  const format = useFormats();
  if (at === null || at === undefined) return <span className="muted">–</span>;
  return <time className="num" title={format.zone}>{format.dateTime(at)}</time>;
}

export type Tone = "neutral" | "brand" | "success" | "warning" | "danger" | "info";

/** A state: always a dot and a word. */
export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={`status tone-${tone}`}>
      <i aria-hidden />
      {children}
    </span>
  );
}

export function Label({ tone = "neutral", children, title }: { tone?: Tone; children: ReactNode; title?: string }) {
  return <span className={`label tone-${tone}`} title={title}>{children}</span>;
}

interface ChipProps {
  children: ReactNode;
  /** What opens in place. */
  editor: (close: () => void) => ReactNode;
  /** What it is, on hover; the name is the content. */
  label: string;
  missing?: boolean;
  /** Opens by itself, as the next thing to fill in. */
  openAtFirst?: boolean;
}

/** A word of a sentence that can be changed where it stands. */
export function Chip({ children, editor, label, missing, openAtFirst }: ChipProps) {
  const [open, setOpen] = useState(false);
  // Later than the click that made this chip, which would otherwise count as a click outside and close it.
  useEffect(() => {
    if (!openAtFirst) return;
    const timer = setTimeout(() => setOpen(true));
    return () => clearTimeout(timer);
  }, [openAtFirst]);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomLeft"
      arrow={false}
      align={{ overflow: { adjustY: true, shiftX: true } }}
      destroyOnHidden
      content={<div className="chip-editor">{editor(() => setOpen(false))}</div>}
    >
      <button type="button" className={missing ? "chip chip-missing" : "chip"} title={label} aria-expanded={open}>
        {children}
      </button>
    </Popover>
  );
}

interface StatProps {
  label: ReactNode;
  children: ReactNode;
  note?: ReactNode;
  onClick?: () => void;
}

/** A number with its name; opens something when it can. */
export function Stat({ label, children, note, onClick }: StatProps) {
  const body = (
    <>
      <span className="stat-label">{label}</span>
      <span className="stat-value">{children}</span>
      {note !== undefined && <span className="stat-note">{note}</span>}
    </>
  );
  if (!onClick) return <div className="stat">{body}</div>;
  return <button type="button" className="stat stat-link" onClick={onClick}>{body}</button>;
}

const COPIED_MILLIS = 1500;

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MILLIS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      type={label ? "default" : "text"}
      size="small"
      icon={copied ? <Check size={14} /> : <Copy size={14} />}
      aria-label={label ?? t("app.copy")}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      {label && (copied ? t("app.copied") : label)}
    </Button>
  );
}

export function CodeBlock({ code }: { code: string }) {
  return (
    <div className="code">
      <CopyButton text={code} />
      <pre tabIndex={0}><code>{code}</code></pre>
    </div>
  );
}

/** A link that is really an action. */
export function TextButton(props: ButtonHTMLAttributes<HTMLButtonElement>) {
  return <button type="button" {...props} className={`text-button ${props.className ?? ""}`} />;
}

export function IconButton({ label, icon, onClick, disabled }: { label: string; icon: ReactNode; onClick: () => void; disabled?: boolean }) {
  return (
    <Tooltip title={label}>
      <Button type="text" size="small" icon={icon} aria-label={label} onClick={onClick} disabled={disabled} />
    </Tooltip>
  );
}

/** A share drawn as a thin bar. */
export function Bar({ share, tone = "brand" }: { share: number; tone?: "brand" | "muted" }) {
  return (
    <span className={`bar bar-${tone}`} aria-hidden>
      <span style={{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} />
    </span>
  );
}
