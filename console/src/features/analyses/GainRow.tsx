/** What people bring: orders with what is left of them, or an event with the number of a property. */
import { type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Gain } from "../../api/types";
import { useNames } from "../../app/names";
import { FilterChips, ORDERS, usePropertyOptions } from "../../condition";
import { MONEY_SUFFIX, Pick, useFormats } from "../../ui";
import { EventRow } from "./EventRow";

interface GainRowProps {
  mark: ReactNode;
  value: Gain;
  onChange: (gain: Gain) => void;
  /** Events may be counted without an amount. */
  bare?: boolean;
  /** What it is for. */
  children?: ReactNode;
}

export function GainRow({ mark, value, onChange, bare, children }: GainRowProps) {
  const { t } = useTranslation();
  const kind = (
    <Pick
      aria-label={t("analyses.gain")}
      style={{ minWidth: 120 }}
      value={value.kind}
      onChange={(next) => onChange(next === "orders" ? { kind: "orders", filters: [] } : { kind: "event", event: { event: "", filters: [] }, worth: bare ? undefined : "" })}
      options={(["orders", "event"] as const).map((one) => ({ value: one, label: t(`analyses.gain_${one}`) }))}
    />
  );
  if (value.kind === "event") {
    return (
      <EventRow mark={mark} value={value.event} open={value.event.event === ""} onChange={(event) => onChange({ ...value, event, worth: event.event === value.event.event ? value.worth : bare ? undefined : "" })}>
        {kind}
        <WorthPick event={value.event.event} value={value.worth} bare={bare} onChange={(worth) => onChange({ ...value, worth })} />
        {children}
      </EventRow>
    );
  }
  return (
    <div className="query-row">
      <span className="query-mark num">{mark}</span>
      <div className="grow row row-tight">
        {kind}
        {children}
        <FilterChips event={ORDERS} filters={value.filters} onChange={(filters) => onChange({ ...value, filters })} />
      </div>
    </div>
  );
}

interface WorthPickProps {
  event: string;
  value?: string;
  bare?: boolean;
  onChange: (worth: string | undefined) => void;
}

/** The property that holds an amount. */
export function WorthPick({ event, value, bare, onChange }: WorthPickProps) {
  const { t } = useTranslation();
  const names = useNames();
  const options = usePropertyOptions(event).filter((property) => property.kind === "number");
  if (value && !options.some((option) => option.value === value)) options.unshift({ value, label: names.property(value), keywords: value, kind: "number" });
  return <Pick allowClear={bare} aria-label={t("analyses.worth")} placeholder={t("analyses.worth")} style={{ minWidth: 120 }} value={value || undefined} onChange={onChange} options={options} />;
}

/** Parts of an amount as people read them. */
export function useAmount(worth: string | undefined, unit: number): (parts: number) => string {
  const format = useFormats();
  return worth === undefined || worth.endsWith(MONEY_SUFFIX) ? (parts) => format.money(Math.round(parts)) : (parts) => format.number(parts / unit);
}

/** The property by which amounts are read; orders have money. */
export function worthOf(gain: Gain): string | undefined {
  return gain.kind === "event" ? gain.worth : undefined;
}
