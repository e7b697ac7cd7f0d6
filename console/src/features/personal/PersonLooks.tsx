/** Who looked at one person. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { Look } from "../../api/types";
import { Segmented } from "../../ui";
import { LooksTable } from "./LooksTable";

const DAY_MILLIS = 86_400_000;
const RANGES = { last_week: 7, last_month: 30, all_time: null } as const;
type Range = keyof typeof RANGES;

/** The beginning of a span that ends now; kept while it is shown, so that the list stays one list. */
function beginning(range: Range): string | undefined {
  const days = RANGES[range];
  return days === null ? undefined : new Date(Date.now() - days * DAY_MILLIS).toISOString();
}

export function PersonLooks({ person }: { person: number }) {
  const { t } = useTranslation();
  const [range, setRange] = useState<Range>("last_week");
  const from = useMemo(() => beginning(range), [range]);
  const list = useList<Look>(`/people/${person}/looks`, { from });
  return (
    <div className="stack">
      <p className="help">{t("personal.who_looked_help")}</p>
      <div className="row">
        <Segmented<Range> aria-label={t("personal.range")} value={range} onChange={setRange} options={(Object.keys(RANGES) as Range[]).map((value) => ({ value, label: t(`personal.${value}`) }))} />
      </div>
      <LooksTable list={list} label={t("personal.who_looked")} of="person" empty={t("personal.nobody_looked")} />
    </div>
  );
}
