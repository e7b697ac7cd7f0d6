/** What one viewer looked at. */
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { Look } from "../../api/types";
import { useGo, usePageSearch } from "../../app/router";
import { paths } from "../../paths";
import { Label, Page, Segmented } from "../../ui";
import { LooksTable } from "./LooksTable";
import { LOOKS, lookOf, type LookChoice } from "./personal";
import "./personal.css";

export default function ViewerPage() {
  const { t } = useTranslation();
  const go = useGo();
  const [search, setSearch] = usePageSearch();
  const what = lookOf(search.look);
  const actor = search.actor ?? "";
  const list = useList<Look>("/personal/looks", { actor, what: what === "all" ? undefined : what });
  const name = list.items?.[0]?.actor_name ?? actor;
  return (
    <Page title={t("personal.viewer_page", { name })} status={actor.startsWith("key:") && <Label>{t("personal.key")}</Label>} back={{ label: t("nav.personal"), onClick: () => go(paths.personal, { tab: "looks" }) }}>
      <div className="stack">
        <div className="scroll-row"><Segmented<LookChoice> aria-label={t("personal.what")} value={what} onChange={(next) => setSearch({ look: next === "all" ? undefined : next })} options={LOOKS.map((value) => ({ value, label: value === "all" ? t("personal.every_look") : t(`personal.whats.${value}`) }))} /></div>
        <LooksTable list={list} label={t("personal.looks")} of="viewer" empty={t("personal.no_looks")} />
      </div>
    </Page>
  );
}
