/** Finding a person by any identifier, or the people of a segment. */
import { UserSearch } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSegments } from "../../api/catalog";
import { useList } from "../../api/query";
import type { PersonRow } from "../../api/types";
import { Link, usePageSearch } from "../../app/router";
import { useTyped } from "../../app/useTyped";
import { paths } from "../../paths";
import { Empty, FilteredEmpty, Input, Num, Page, Pick } from "../../ui";
import { PeopleTable } from "./PeopleTable";

export default function PeoplePage() {
  const { t } = useTranslation();
  const [search, setSearch] = usePageSearch();
  const [text, type, clearText] = useTyped(search.query ?? "", (query) => setSearch({ query: query || undefined }));
  const segments = useSegments().data ?? [];
  const list = useList<PersonRow>("/people", { query: search.query, segment: search.segment });
  const filtered = search.query !== undefined || search.segment !== undefined;
  const clear = () => {
    clearText();
    setSearch({ query: undefined, segment: undefined });
  };
  return (
    <Page title={t("nav.people")} status={list.total !== null && <span className="muted"><Num value={list.total} /></span>}>
      <PeopleTable
        list={list}
        toolbar={
          <>
            <Input
              allowClear
              autoFocus
              style={{ width: 300, maxWidth: "100%" }}
              placeholder={t("people.search_placeholder")}
              aria-label={t("people.search_placeholder")}
              value={text}
              onChange={(event) => type(event.target.value)}
            />
            <Pick
              allowClear
              style={{ minWidth: 160 }}
              placeholder={t("people.any_segment")}
              aria-label={t("nav.segments")}
              options={segments.map((segment) => ({ value: segment.id, label: segment.name }))}
              value={search.segment}
              onChange={(segment: number | undefined) => setSearch({ segment })}
            />
          </>
        }
        empty={
          filtered ? (
            <FilteredEmpty onClear={clear} />
          ) : (
            <Empty icon={<UserSearch size={28} strokeWidth={1.5} />} title={t("people.empty")} action={<Link to={paths.newImport}>{t("palette.new_import")}</Link>}>{t("people.empty_text")}</Empty>
          )
        }
      />
    </Page>
  );
}
