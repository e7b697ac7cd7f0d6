/** What people are asked for, and who is too young to be asked. */
import { useTranslation } from "react-i18next";
import { usePageSearch } from "../../app/router";
import { Page, Tabs } from "../../ui";
import { Erasures } from "../erasure/Erasures";
import { Minors } from "./Minors";
import { Purposes } from "./Purposes";

export default function ConsentPage() {
  const { t } = useTranslation();
  const [search, setSearch] = usePageSearch();
  return (
    <Page title={t("nav.consent")} description={t("consent.page_help")}>
      <Tabs
        activeKey={search.tab ?? "purposes"}
        onChange={(tab) => setSearch({ tab: tab === "purposes" ? undefined : tab })}
        items={[
          { key: "purposes", label: t("consent.purposes"), children: <Purposes /> },
          { key: "erasures", label: t("erasure.tab"), children: <Erasures /> },
          { key: "minors", label: t("consent.minors"), children: <Minors /> },
        ]}
      />
    </Page>
  );
}
