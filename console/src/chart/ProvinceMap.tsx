/** Numbers of provinces on a grid of squares: who is next to whom, and no border that could be wrong. */
import { useTranslation } from "react-i18next";
import { COLUMNS, PROVINCES, ROWS, type Province } from "./provinces";

export interface ProvinceValue {
  /** Of the whole colour, from 0 to 1. */
  share: number;
  /** Short, as it stands in the square. */
  text: string;
  /** Exact. */
  exact: string;
}

interface ProvinceMapProps {
  label: string;
  values: ReadonlyMap<string, ProvinceValue>;
  onOpen?: (code: string) => void;
}

export function ProvinceMap({ label, values, onOpen }: ProvinceMapProps) {
  const { i18n } = useTranslation();
  const english = i18n.language === "en";
  return (
    <div className="province-box">
      <ul className="province-map" aria-label={label} style={{ ["--columns" as string]: COLUMNS, ["--rows" as string]: ROWS }}>
        {PROVINCES.map((province) => (
          <li key={province.code} style={{ gridColumn: province.column + 1, gridRow: province.row + 1 }}>
            <Tile province={province} english={english} value={values.get(province.code)} onOpen={onOpen} />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface TileProps {
  province: Province;
  english: boolean;
  value: ProvinceValue | undefined;
  onOpen?: (code: string) => void;
}

function Tile({ province, english, value, onOpen }: TileProps) {
  const name = english ? province.en : province.full;
  const words = (
    <>
      <span className="province-name">{english ? province.en : province.zh}</span>
      {english && <span className="province-code">{province.code}</span>}
      <span className="province-value num">{value?.text ?? "–"}</span>
    </>
  );
  if (!value) return <div className="province province-none" title={name}>{words}</div>;
  // Stronger is more, up to half of the colour: beyond, the text could not be read in both looks.
  const strength = Math.round(6 + 44 * Math.sqrt(Math.min(1, Math.max(0, value.share))));
  // Named by what stands in it; the exact number describes it.
  const title = `${name} ${value.exact}`;
  return (
    <button type="button" className="province" style={{ ["--strength" as string]: `${strength}%` }} title={title} disabled={!onOpen} onClick={() => onOpen?.(province.code)}>
      {words}
    </button>
  );
}
