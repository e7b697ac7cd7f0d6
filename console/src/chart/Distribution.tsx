/** How many people have each value, as bars that open the people. */
import { useFormats } from "../ui";

interface DistributionProps {
  rows: { key: string; name: string; value: number }[];
  /** What 100 % is; the sum of the rows if absent. */
  total?: number;
  onOpen?: (key: string) => void;
}

export function Distribution({ rows, total, onOpen }: DistributionProps) {
  const format = useFormats();
  const sum = total ?? rows.reduce((before, row) => before + row.value, 0);
  const max = Math.max(1, ...rows.map((row) => row.value));
  return (
    <ul className="distribution">
      {rows.map((row) => {
        const body = (
          <>
            <span className="distribution-name ellipsis" title={row.name}>{row.name}</span>
            <span className="distribution-bar" aria-hidden><span style={{ width: `${(100 * row.value) / max}%` }} /></span>
            <span className="num">{format.number(row.value)}</span>
            <span className="num muted">{sum > 0 ? format.percent(row.value / sum) : "–"}</span>
          </>
        );
        return (
          <li key={row.key}>
            {onOpen ? <button type="button" onClick={() => onOpen(row.key)}>{body}</button> : <div>{body}</div>}
          </li>
        );
      })}
    </ul>
  );
}
