/** One cell of a table that is coloured by how much it holds. */

interface HeatCellProps {
  /** Of the whole colour, from 0 to 1. */
  share: number;
  text: string;
  label: string;
  /** It may still change. */
  open?: boolean;
  onClick: () => void;
}

/** Stronger is more, up to half of the colour: beyond, the text could not be read in both looks. */
export function HeatCell({ share, text, label, open, onClick }: HeatCellProps) {
  const strength = Math.round(50 * Math.min(1, Math.sqrt(Math.max(0, share))));
  return (
    <button type="button" className={`heat-cell num${open ? " heat-open" : ""}`} style={{ ["--strength" as string]: `${strength}%` }} aria-label={`${label} ${text}`} onClick={onClick}>
      {text}
    </button>
  );
}
