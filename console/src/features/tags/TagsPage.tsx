/** All tags, by directory. */
import { Tags as TagsIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { Tag } from "../../api/types";
import { useNames } from "../../app/names";
import { Link, useGo, usePageSearch } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Ago, Button, Empty, Label, Num, Page, Pick } from "../../ui";
import { TagStatus } from "./TagStatus";

export default function TagsPage() {
  const { t } = useTranslation();
  const go = useGo();
  const names = useNames();
  const { may } = useSession();
  const [search, setSearch] = usePageSearch();
  const list = useList<Tag>("/tags");
  const directories = [...new Set(list.items?.map((tag) => tag.directory).filter((directory) => directory !== ""))].sort();
  const shown = { ...list, items: list.items?.filter((tag) => search.directory === undefined || tag.directory === search.directory) };
  const columns: Column<Tag>[] = [
    { key: "name", title: t("tags.tag"), sort: (row) => row.display || row.name, cell: (row) => <div className="cell-title"><Link to={paths.tag(row.id)}>{row.display || row.name}</Link><span>{row.description}</span></div> },
    { key: "kind", title: t("tags.kind"), cell: (row) => <Label>{t(`tags.kind_${row.definition.kind}`)}</Label> },
    { key: "directory", title: t("tags.directory"), wideOnly: true, sort: (row) => row.directory, cell: (row) => row.directory || "–" },
    { key: "coverage", title: t("tags.coverage"), align: "end", sort: (row) => row.coverage, cell: (row) => <Num value={row.coverage} /> },
    { key: "values", title: t("tags.values"), wideOnly: true, cell: (row) => <span className="muted">{row.values.slice(0, 4).map((item) => names.tagValue(item.value)).join(" · ")}</span> },
    { key: "state", title: t("data.state"), cell: (row) => <TagStatus tag={row} /> },
    { key: "computed", title: t("tags.computed"), wideOnly: true, sort: (row) => row.computed_at ?? "", cell: (row) => <Ago at={row.computed_at} /> },
  ];
  const create = may("tags.write") && <Button type="primary" onClick={() => go(paths.newTag)}>{t("palette.new_tag")}</Button>;
  return (
    <Page title={t("nav.tags")} description={t("tags.help")} primary={create}>
      <ListTable
        id="tags"
        label={t("nav.tags")}
        list={shown}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={(row) => go(paths.tag(row.id))}
        toolbar={
          directories.length > 0 ? (
            <Pick allowClear style={{ minWidth: 160 }} placeholder={t("tags.any_directory")} aria-label={t("tags.directory")} options={directories.map((directory) => ({ value: directory, label: directory }))} value={search.directory} onChange={(directory: string | undefined) => setSearch({ directory })} />
          ) : undefined
        }
        empty={<Empty icon={<TagsIcon size={28} strokeWidth={1.5} />} title={t("tags.empty")} action={create}>{t("tags.empty_text")}</Empty>}
      />
    </Page>
  );
}
