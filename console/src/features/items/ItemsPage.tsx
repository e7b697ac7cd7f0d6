/** Items of one type: products, stores, staff, contents, coupons and a project's own types. */
import { Package } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { remove } from "../../api/client";
import { useItemTypes } from "../../api/catalog";
import { useList, useWrite } from "../../api/query";
import type { Item, ItemType } from "../../api/types";
import { useNames } from "../../app/names";
import { Link, useGo, usePageSearch } from "../../app/router";
import { useTyped } from "../../app/useTyped";
import { useSession } from "../../app/session";
import { useDictionary } from "../../condition";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Button, Empty, FilteredEmpty, Input, Label, Loaded, Page, Pick, Tabs, useConfirm, useNameDialog, useToast, type MenuProps } from "../../ui";
import { TypeDrawer } from "./TypeDrawer";

const ATTRIBUTES_SHOWN = 4;

export default function ItemsPage() {
  const { t } = useTranslation();
  const [search, setSearch] = usePageSearch();
  const { may } = useSession();
  const toast = useToast();
  const confirm = useConfirm();
  const dictionary = useDictionary();
  const types = useItemTypes();
  const [declaring, setDeclaring] = useState<ItemType | "new" | null>(null);
  const askName = useNameDialog();
  const go = useGo();
  const current = types.data?.find((type) => type.name === search.type) ?? types.data?.[0];
  const forget = useWrite((name: string) => remove(`/items/types/${encodeURIComponent(name)}`), ["/items"]);
  const write = may("data.write");
  const more: MenuProps["items"] = [
    { key: "new", label: t("items.new_type"), onClick: () => setDeclaring("new") },
    ...(current ? [{ key: "edit", label: t("items.edit_type"), onClick: () => setDeclaring(current) }] : []),
    ...(current?.declared
      ? [{
          key: "forget",
          danger: true,
          label: t("items.forget_type"),
          onClick: () => confirm({ title: t("items.forget_title", { name: dictionary.itemType(current.name) }), content: t("items.forget_text"), action: t("items.forget_type"), danger: true, run: async () => { await forget.mutateAsync(current.name); toast.done(t("app.deleted")); } }),
        }]
      : []),
  ];
  return (
    <Page title={t("nav.items")} description={t("items.help")} more={write ? more : undefined} moreLabel={t("app.more")} primary={write && current && <Button type="primary" onClick={() => askName({ title: t("items.open_new_help"), label: t("items.id"), action: t("items.open_new"), run: async (id) => go(paths.item(current.name, id)) })}>{t("items.open_new")}</Button>}>
      <Loaded query={types}>
        {(all) => (
          <>
            <Tabs activeKey={current?.name} onChange={(type) => setSearch({ type, tag: undefined, query: undefined })} items={all.map((type) => ({ key: type.name, label: <><span className="capital">{dictionary.itemType(type.name)}</span> <span className="muted num">{type.items}</span></> }))} />
            {current && <Items key={current.name} type={current} />}
          </>
        )}
      </Loaded>
      {declaring !== null && <TypeDrawer type={declaring === "new" ? null : declaring} onClose={() => setDeclaring(null)} />}
    </Page>
  );
}

function Items({ type }: { type: ItemType }) {
  const { t } = useTranslation();
  const go = useGo();
  const names = useNames();
  const dictionary = useDictionary();
  const [search, setSearch] = usePageSearch();
  const [text, typed, clearText] = useTyped(search.query ?? "", (query) => setSearch({ query: query || undefined }));
  const list = useList<Item>("/items", { item_type: type.name, query: search.query, tag: search.tag });
  const shown = type.attributes.filter((attribute) => !["name", "title", "item_name", "product_name", "store_name"].includes(attribute.name)).slice(0, ATTRIBUTES_SHOWN);
  const columns: Column<Item>[] = [
    { key: "name", title: t("items.name"), cell: (row) => <div className="cell-title"><Link to={paths.item(row.item_type, row.item_id)}>{row.name || row.item_id}</Link>{row.name && <span className="num">{row.item_id}</span>}</div> },
    ...shown.map((attribute): Column<Item> => ({
      key: attribute.name,
      title: names.itemProperty(attribute.name),
      wideOnly: true,
      align: attribute.kind === "number" ? "end" : undefined,
      cell: (row) => { const value = row.attributes[attribute.name]; return value === undefined ? <span className="muted">–</span> : names.value(attribute.name, value); },
    })),
    { key: "tags", title: t("items.tags"), cell: (row) => <span className="row row-tight">{row.tags.map((tag) => <Label key={tag} tone="brand">{tag}</Label>)}</span> },
  ];
  const filtered = search.query !== undefined || search.tag !== undefined;
  const clear = () => { clearText(); setSearch({ query: undefined, tag: undefined }); };
  return (
    <ListTable
      id={`items.${type.name}`}
      label={dictionary.itemType(type.name)}
      list={list}
      columns={columns}
      rowKey={(row) => row.item_id}
      onOpen={(row) => go(paths.item(row.item_type, row.item_id))}
      toolbar={
        <>
          <Input allowClear style={{ width: 260, maxWidth: "100%" }} placeholder={t("items.search")} aria-label={t("items.search")} value={text} onChange={(event) => typed(event.target.value)} />
          {type.tags.length > 0 && <Pick allowClear style={{ minWidth: 140 }} placeholder={t("items.any_tag")} aria-label={t("items.tags")} options={type.tags.map((tag) => ({ value: tag.tag, label: `${tag.tag} · ${tag.items}` }))} value={search.tag ?? null} onChange={(tag: string | undefined) => setSearch({ tag })} />}
          <span className="muted small">{t("items.referred", { property: type.property })}</span>
        </>
      }
      empty={filtered ? <FilteredEmpty onClear={clear} /> : <Empty icon={<Package size={28} strokeWidth={1.5} />} title={t("items.empty", { of: dictionary.itemType(type.name) })} action={<Link to={paths.newImport}>{t("palette.new_import")}</Link>}>{t("items.empty_text")}</Empty>}
    />
  );
}
