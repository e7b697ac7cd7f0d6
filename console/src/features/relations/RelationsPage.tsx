/** How people may be related in this project, and what was said of them and not taken. */
import { useTranslation } from "react-i18next";
import { usePageSearch } from "../../app/router";
import { Page, Tabs } from "../../ui";
import { Conflicts } from "./Conflicts";
import { Kinds } from "./Kinds";
import "./relations.css";

export default function RelationsPage() {
  const { t } = useTranslation();
  const [search, change] = usePageSearch();
  return (
    <Page title={t("nav.relations")} description={t("relations.page_help")}>
      <Tabs
        activeKey={search.tab === "conflicts" ? "conflicts" : "kinds"}
        onChange={(tab) => change({ tab: tab === "kinds" ? undefined : tab })}
        destroyOnHidden
        items={[
          { key: "kinds", label: t("relations.kinds"), children: <Kinds /> },
          { key: "conflicts", label: t("relations.conflicts"), children: <Conflicts /> },
        ]}
      />
    </Page>
  );
}
