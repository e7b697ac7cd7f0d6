/** What one viewer looked at. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { Look } from "../../api/types";
import { useGo, usePageSearch } from "../../app/router";
import { paths } from "../../paths";
import { Label, Page, Segmented } from "../../ui";
import { LooksTable } from "./LooksTable";
import "./personal.css";

const KINDS = ["all", "opened", "listed", "revealed", "exported"] as const;

export default function ViewerPage() {
  const { t } = useTranslation();
  const go = useGo();
  const [search] = usePageSearch();
  const [what, setWhat] = useState<(typeof KINDS)[number]>("all");
  const actor = search.actor ?? "";
  const list = useList<Look>("/personal/looks", { actor, what: what === "all" ? undefined : what });
  const name = list.items?.[0]?.actor_name ?? actor;
  return (
    <Page title={t("personal.viewer_page", { name })} status={actor.startsWith("key:") && <Label>{t("personal.key")}</Label>} back={{ label: t("nav.personal"), onClick: () => go(paths.personal, { tab: "looks" }) }}>
      <div className="stack">
        <div className="scroll-row"><Segmented<(typeof KINDS)[number]> aria-label={t("personal.what")} value={what} onChange={setWhat} options={KINDS.map((value) => ({ value, label: value === "all" ? t("personal.all_time") : t(`personal.whats.${value}`) }))} /></div>
        <LooksTable list={list} label={t("personal.looks")} of="viewer" empty={t("personal.no_looks")} />
      </div>
    </Page>
  );
}
