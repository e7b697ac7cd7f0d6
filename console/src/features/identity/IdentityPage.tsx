/** How this project tells people apart: doubts, rules, and well-known situations played under them. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { IdentityStats } from "../../api/types";
import { usePageSearch } from "../../app/router";
import { Num, Page, Stat, Tabs } from "../../ui";
import { Cases } from "./Cases";
import { Conflicts } from "./Conflicts";
import { Rules } from "./Rules";
import "./identity.css";

const TABS = ["conflicts", "rules", "cases"] as const;

export default function IdentityPage() {
  const { t } = useTranslation();
  const [search, change] = usePageSearch();
  const stats = useQuery({ queryKey: ["/identity"], queryFn: ({ signal }) => get<IdentityStats>("/identity", { signal }) });
  const active = TABS.find((tab) => tab === search.tab) ?? "conflicts";
  const undeclared = Object.values(stats.data?.quarantined ?? {}).reduce((sum, count) => sum + count, 0);
  return (
    <Page title={t("nav.identity")} description={t("identity.help")}>
      <div className="stats">
        <Stat label={t("nav.people")}><Num value={stats.data?.people} /></Stat>
        <Stat label={t("people.identifiers")}><Num value={stats.data?.identifiers} /></Stat>
        <Stat label={t("identity.merges")}><Num value={stats.data?.merges} /></Stat>
        <Stat label={t("identity.splits")}><Num value={stats.data?.splits} /></Stat>
        <Stat label={t("identity.shared_count")} note={t("identity.shared_help")}><Num value={stats.data?.shared} /></Stat>
        <Stat label={t("identity.unusable")} note={t("identity.unusable_help", { undeclared })}><Num value={(stats.data?.blocked ?? 0) + (stats.data?.malformed ?? 0)} /></Stat>
      </div>
      <Tabs
        activeKey={active}
        onChange={(tab) => change({ tab: tab === "conflicts" ? undefined : tab })}
        items={[
          { key: "conflicts", label: t("identity.conflicts"), children: <Conflicts /> },
          { key: "rules", label: t("identity.rules"), children: <Rules /> },
          { key: "cases", label: t("identity.cases"), children: <Cases /> },
        ]}
      />
    </Page>
  );
}
