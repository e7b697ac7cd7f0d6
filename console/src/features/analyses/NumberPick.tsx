/** A whole number with its name, in the row of a question. */
import { InputNumber } from "../../ui";

interface NumberPickProps {
  label: string;
  value: number;
  least: number;
  most: number;
  onChange: (value: number) => void;
}

export function NumberPick({ label, value, least, most, onChange }: NumberPickProps) {
  return (
    <span className="row row-tight">
      <span className="help">{label}</span>
      <InputNumber min={least} max={most} precision={0} style={{ width: 64 }} aria-label={label} value={value} onChange={(next) => next !== null && onChange(next)} />
    </span>
  );
}
