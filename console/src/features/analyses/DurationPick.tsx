/** A length of time, in the unit people would say it in: elapsed, or also in calendar days. */
import { useTranslation } from "react-i18next";
import type { FunnelWindow } from "../../api/types";
import { InputNumber, Pick } from "../../ui";

const UNITS = { seconds: 1, minutes: 60, hours: 3_600, elapsed_days: 86_400 } as const;
type Unit = keyof typeof UNITS | "days";
const ELAPSED = ["minutes", "hours", "elapsed_days"] as const;

function unitOf(window: FunnelWindow): Unit {
  if (window.kind === "days") return "days";
  if (window.seconds % UNITS.elapsed_days === 0) return "elapsed_days";
  if (window.seconds % UNITS.hours === 0) return "hours";
  return window.seconds % UNITS.minutes === 0 ? "minutes" : "seconds";
}

function make(count: number, unit: Unit): FunnelWindow {
  return unit === "days" ? { kind: "days", days: count } : { kind: "elapsed", seconds: count * UNITS[unit] };
}

interface WindowPickProps {
  label: string;
  value: FunnelWindow;
  /** The label is said beside it already; it is still there for those who listen. */
  quiet?: boolean;
  units?: readonly Unit[];
  onChange: (window: FunnelWindow) => void;
}

export function WindowPick({ label, value, quiet, units = ["seconds", ...ELAPSED, "days"], onChange }: WindowPickProps) {
  const { t } = useTranslation();
  const unit = unitOf(value);
  const amount = value.kind === "days" ? value.days : value.seconds / UNITS[unit as keyof typeof UNITS];
  const offered = units.includes(unit) ? units : [unit, ...units];
  return (
    <span className="row row-tight">
      {!quiet && <span className="help">{label}</span>}
      <InputNumber min={1} precision={0} style={{ width: 72 }} aria-label={label} value={amount} onChange={(count) => count && onChange(make(count, unit))} />
      <Pick aria-label={t("analyses.window_unit")} style={{ minWidth: 104 }} value={unit} onChange={(next) => onChange(make(amount, next))} options={offered.map((item) => ({ value: item, label: t(`analyses.unit_${item}`) }))} />
    </span>
  );
}

/** Elapsed time only, in seconds. */
interface DurationPickProps {
  label: string;
  value: number;
  quiet?: boolean;
  onChange: (seconds: number) => void;
}

export function DurationPick({ label, value, quiet, onChange }: DurationPickProps) {
  return <WindowPick label={label} quiet={quiet} units={ELAPSED} value={{ kind: "elapsed", seconds: value }} onChange={(window) => window.kind === "elapsed" && onChange(window.seconds)} />;
}
