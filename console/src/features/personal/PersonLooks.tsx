/** Who looked at one person, and which files they stood in. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { Look } from "../../api/types";
import { Link, usePageSearch } from "../../app/router";
import { paths } from "../../paths";
import { Segmented } from "../../ui";
import { LooksTable } from "./LooksTable";
import { LOOKS, lookOf, type LookChoice } from "./personal";

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
  const [search, setSearch] = usePageSearch();
  const [range, setRange] = useState<Range>("last_week");
  const what = lookOf(search.look);
  const from = useMemo(() => beginning(range), [range]);
  const list = useList<Look>(`/people/${person}/looks`, { from, what: what === "all" ? undefined : what });
  return (
    <div className="stack">
      <p className="help">{t("personal.who_looked_help")} <Link to={paths.personal} search={{ tab: "looks" }}>{t("personal.to_viewers")}</Link> · <Link to={paths.personal} search={{ tab: "exports" }}>{t("personal.exports")}</Link></p>
      <div className="looks-bar">
        <Segmented<Range> aria-label={t("personal.range")} value={range} onChange={setRange} options={(Object.keys(RANGES) as Range[]).map((value) => ({ value, label: t(`personal.${value}`) }))} />
        <div className="scroll-row"><Segmented<LookChoice> aria-label={t("personal.what")} value={what} onChange={(next) => setSearch({ look: next === "all" ? undefined : next })} options={LOOKS.map((value) => ({ value, label: value === "all" ? t("personal.every_look") : t(`personal.whats.${value}`) }))} /></div>
      </div>
      <LooksTable list={list} label={t("personal.who_looked")} of="person" empty={what === "exported" ? t("personal.in_no_export") : t("personal.nobody_looked")} />
    </div>
  );
}
