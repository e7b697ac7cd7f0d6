/** What is personal, who sees how much of it, who looked, and what left as a file. */
import { useTranslation } from "react-i18next";
import { usePageSearch } from "../../app/router";
import { useSession } from "../../app/session";
import { Page, Tabs } from "../../ui";
import { Exports } from "./Exports";
import { Exposures } from "./Exposures";
import { Fields } from "./Fields";
import { Viewers } from "./Viewers";

export default function PersonalPage() {
  const { t } = useTranslation();
  const { may } = useSession();
  const [search, setSearch] = usePageSearch();
  const tabs = [
    { key: "fields", label: t("personal.fields"), children: <Fields /> },
    { key: "exposures", label: t("personal.exposures"), children: <Exposures /> },
  ];
  if (may("personal.audit")) {
    tabs.push({ key: "looks", label: t("personal.looks"), children: <Viewers /> }, { key: "exports", label: t("personal.exports"), children: <Exports /> });
  }
  return (
    <Page title={t("nav.personal")} description={t("personal.page_help")}>
      <Tabs activeKey={search.tab ?? "fields"} onChange={(tab) => setSearch({ tab: tab === "fields" ? undefined : tab })} items={tabs} destroyOnHidden />
    </Page>
  );
}
