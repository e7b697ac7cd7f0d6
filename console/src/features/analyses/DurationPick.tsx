/** A length of time in seconds, in the unit people would say it in. */
import { useTranslation } from "react-i18next";
import { InputNumber, Pick } from "../../ui";

const UNITS = { minutes: 60, hours: 3_600, elapsed_days: 86_400 } as const;
type Unit = keyof typeof UNITS;
const NAMES = Object.keys(UNITS) as Unit[];

function unitOf(seconds: number): Unit {
  if (seconds % UNITS.elapsed_days === 0) return "elapsed_days";
  return seconds % UNITS.hours === 0 ? "hours" : "minutes";
}

interface DurationPickProps {
  label: string;
  value: number;
  /** The label is said beside it already; it is still there for those who listen. */
  quiet?: boolean;
  onChange: (seconds: number) => void;
}

export function DurationPick({ label, value, quiet, onChange }: DurationPickProps) {
  const { t } = useTranslation();
  const unit = unitOf(value);
  const amount = Math.max(1, Math.round(value / UNITS[unit]));
  return (
    <span className="row row-tight">
      {!quiet && <span className="help">{label}</span>}
      <InputNumber min={1} precision={0} style={{ width: 72 }} aria-label={label} value={amount} onChange={(count) => count && onChange(count * UNITS[unit])} />
      <Pick aria-label={t("analyses.window_unit")} style={{ minWidth: 96 }} value={unit} onChange={(next) => onChange(amount * UNITS[next])} options={NAMES.map((item) => ({ value: item, label: t(`analyses.unit_${item}`) }))} />
    </span>
  );
}
