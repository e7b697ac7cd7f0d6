/** Who was known as whom: as now, or as at an earlier instant. A chip to choose it, and the words on the answer. */
import { History } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePageSearch } from "../../app/router";
import { Button, Chip, Input, TextButton, useFormats, useNow } from "../../ui";
import { useFixed } from "../analyses/asked";
import { asOfFrom, DAYS_BACK, daysBack, instantOf, localOf } from "./asOf";

interface AsOfProps {
  /** Absent: as now. */
  value: string | undefined;
  onChange: (at: string | undefined) => void;
}

export function AsOf({ value, onChange }: AsOfProps) {
  const { t } = useTranslation();
  const format = useFormats();
  return (
    <Chip label={t("identity.as_of.what")} editor={(close) => <Editor value={value} onChange={(at) => { onChange(at); close(); }} />}>
      {value === undefined ? t("identity.as_of.chip_now") : t("identity.as_of.chip_then", { time: format.dateTime(value) })}
    </Chip>
  );
}

function Editor({ value, onChange }: AsOfProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const now = useNow();
  const [local, setLocal] = useState(() => localOf(value ?? daysBack(1, Date.now()), format));
  const at = asOfFrom(instantOf(local, format), now);
  return (
    <form className="stack stack-tight" onSubmit={(event) => { event.preventDefault(); if (at !== undefined) onChange(at); }}>
      <strong>{t("identity.as_of.what")}</strong>
      <p className="help">{t("identity.as_of.help")}</p>
      <div className="row row-tight">
        <Button size="small" type={value === undefined ? "primary" : "default"} onClick={() => onChange(undefined)}>{t("identity.as_of.now")}</Button>
        {DAYS_BACK.map((days) => <Button key={days} size="small" onClick={() => onChange(daysBack(days, now))}>{t("identity.as_of.days_ago", { count: days })}</Button>)}
      </div>
      <div className="row row-tight">
        <Input type="datetime-local" style={{ flex: "1 1 160px", minWidth: 0, width: "auto" }} aria-label={t("identity.as_of.then")} value={local} max={localOf(new Date(now).toISOString(), format)} onChange={(event) => setLocal(event.target.value)} />
        <Button htmlType="submit" disabled={at === undefined}>{t("identity.as_of.apply")}</Button>
      </div>
    </form>
  );
}

/** Of an analysis the address holds it beside the question. */
export function useAsOf(): [string | undefined, (at: string | undefined) => void] {
  const [search, setSearch] = usePageSearch();
  const fixed = useFixed();
  const now = useNow();
  return [asOfFrom(fixed ? fixed.as_of : search.as_of, now), (as_of) => setSearch({ as_of })];
}

/** In the scope of an analysis. */
export function AsOfScope() {
  const [value, change] = useAsOf();
  return <AsOf value={value} onChange={change} />;
}

/** On the answer, where it is not as of now. */
export function AsOfNote() {
  const { t } = useTranslation();
  const format = useFormats();
  const [value, change] = useAsOf();
  const fixed = useFixed();
  if (value === undefined) return null;
  return (
    <div className="note tone-info" role="status">
      <History size={15} aria-hidden />
      <span className="grow">{t("identity.as_of.note", { time: format.dateTime(value) })} {!fixed && <TextButton onClick={() => change(undefined)}>{t("identity.as_of.back")}</TextButton>}</span>
    </div>
  );
}
