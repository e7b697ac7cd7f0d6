/** Numbers, money and times as people read them, in the project's zone and currency. */
import { createContext, useContext, useMemo, type ReactNode } from "react";

export const MONEY_SUFFIX = "_minor";

export interface Formats {
  language: string;
  zone: string;
  currency: string;
  number: (value: number, digits?: number) => string;
  /** 1.2 万, 12.5k: for tight places, with the exact number on hover. */
  compact: (value: number) => string;
  percent: (share: number, digits?: number) => string;
  money: (minor: number) => string;
  /** Units of the currency that one minor unit is: 100 for CNY, 1 for JPY. */
  minorPerUnit: number;
  date: (at: Instant) => string;
  dateTime: (at: Instant) => string;
  time: (at: Instant) => string;
  /** Of a date such as `2026-08-24`, which is nobody's instant. */
  weekday: (day: string) => string;
  relative: (at: Instant, now: number) => string;
  duration: (millis: number) => string;
  /** `12.3 MB`. */
  bytes: (bytes: number) => string;
}

export type Instant = string | number;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Seconds, minutes, hours, days: the largest unit that is not below one. */
const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", DAY],
  ["hour", HOUR],
  ["minute", MINUTE],
  ["second", SECOND],
];

function zonedParts(formatter: Intl.DateTimeFormat, at: Instant): Record<string, string> {
  return Object.fromEntries(formatter.formatToParts(new Date(at)).map((part) => [part.type, part.value]));
}

function trim(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Beside hundreds, hundredths tell nothing. */
function telling(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}

function compactNumber(language: string, value: number): string {
  const size = Math.abs(value);
  if (language === "en") {
    if (size >= 999_950) return `${trim(value / 1_000_000)}M`;
    return size >= 10_000 ? `${trim(value / 1000)}k` : numberFormat("en", {}).format(telling(value));
  }
  if (size >= 99_995_000) return `${trim(value / 100_000_000)} 亿`;
  return size >= 10_000 ? `${trim(value / 10_000)} 万` : numberFormat("zh-CN", {}).format(telling(value));
}

const NUMBER_FORMATS = new Map<string, Intl.NumberFormat>();

/** Making one takes a tenth of a millisecond, using it a thousandth, and a page shows hundreds of numbers. */
function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  let known = NUMBER_FORMATS.get(key);
  if (!known) NUMBER_FORMATS.set(key, (known = new Intl.NumberFormat(locale, options)));
  return known;
}

export function makeFormats(language: string, zone: string, currency: string): Formats {
  const locale = language === "en" ? "en" : "zh-CN";
  const money = new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  const minorPerUnit = 10 ** (money.resolvedOptions().maximumFractionDigits ?? 2);
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  const unit = (value: number, name: string) =>
    numberFormat(locale, { style: "unit", unit: name, unitDisplay: locale === "en" ? "short" : "long", maximumFractionDigits: 1 }).format(value);
  const date = (at: Instant) => {
    const p = zonedParts(parts, at);
    return `${p.year}-${p.month}-${p.day}`;
  };
  return {
    language,
    zone,
    currency,
    minorPerUnit,
    number: (value, digits = 2) => numberFormat(locale, { maximumFractionDigits: digits }).format(value),
    compact: (value) => compactNumber(language, value),
    percent: (share, digits = 1) =>
      numberFormat(locale, { style: "percent", maximumFractionDigits: digits }).format(share),
    money: (minor) => money.format(minor / minorPerUnit),
    date,
    dateTime: (at) => {
      const p = zonedParts(parts, at);
      return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
    },
    time: (at) => {
      const p = zonedParts(parts, at);
      return `${p.hour}:${p.minute}:${p.second}`;
    },
    weekday: (day) => weekday.format(Date.parse(day)),
    relative: (at, now) => {
      const distance = new Date(at).getTime() - now;
      const [name, size] = STEPS.find(([, millis]) => Math.abs(distance) >= millis) ?? ["second", SECOND];
      return relative.format(Math.trunc(distance / size), name);
    },
    bytes: bytesText,
    duration: (millis) => {
      if (millis < SECOND) return unit(millis, "millisecond");
      if (millis < MINUTE) return unit(millis / SECOND, "second");
      if (millis < HOUR) return unit(millis / MINUTE, "minute");
      return millis < DAY ? unit(millis / HOUR, "hour") : unit(millis / DAY, "day");
    },
  };
}

const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB"] as const;

/** `12.3 MB`, in steps of 1024. */
export function bytesText(bytes: number): string {
  const step = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(bytes, 1)) / 10)));
  const value = bytes / 1024 ** step;
  return `${step === 0 ? Math.round(value) : value.toFixed(value < 100 ? 1 : 0)} ${BYTE_UNITS[step]}`;
}

const FormatContext = createContext<Formats>(makeFormats("zh-CN", "Asia/Shanghai", "CNY"));

export function useFormats(): Formats {
  return useContext(FormatContext);
}

interface ProviderProps {
  language: string;
  zone: string;
  currency: string;
  children: ReactNode;
}

export function FormatProvider({ language, zone, currency, children }: ProviderProps) {
  const formats = useMemo(() => makeFormats(language, zone, currency), [language, zone, currency]);
  return <FormatContext.Provider value={formats}>{children}</FormatContext.Provider>;
}
