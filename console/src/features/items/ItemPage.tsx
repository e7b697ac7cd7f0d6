/** One item: its attributes and tags, and what it sold. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, patch, remove } from "../../api/client";
import { useItemTypes } from "../../api/catalog";
import { useWrite } from "../../api/query";
import type { ItemDetail, Value } from "../../api/types";
import { useNames } from "../../app/names";
import { useGo } from "../../app/router";
import { useSession } from "../../app/session";
import { useDictionary } from "../../condition";
import { paths } from "../../paths";
import { DataTable, type Column } from "../../table";
import { Ago, Button, IconButton, Input, Label, Loaded, Page, Panel, Pick, useConfirm, useNameDialog, useToast } from "../../ui";
import { SalesPanel } from "./SalesPanel";

interface Change {
  set?: Record<string, Value>;
  unset?: string[];
  tag?: string[];
  untag?: string[];
}

export default function ItemPage() {
  const { t } = useTranslation();
  const go = useGo();
  const toast = useToast();
  const confirm = useConfirm();
  const { may } = useSession();
  const dictionary = useDictionary();
  const { type = "", id = "" }: { type?: string; id?: string } = useParams({ strict: false });
  const path = `/items/${encodeURIComponent(type)}/${encodeURIComponent(id)}`;
  const query = useQuery({ queryKey: ["/items", type, id], queryFn: ({ signal }) => get<ItemDetail>(path, { signal }) });
  const write = useWrite((change: Change) => patch<ItemDetail>(path, change), ["/items"]);
  const drop = useWrite(() => remove(path), ["/items"]);
  const change = (next: Change) => write.mutate(next, { onError: toast.failed, onSuccess: () => toast.done(t("items.saved")) });
  const item = query.data;
  const back = () => go(paths.items, { type });
  const more = may("data.write") && item?.known
    ? [{
        key: "delete",
        danger: true,
        label: t("items.delete"),
        onClick: () => confirm({ title: t("items.delete_title", { name: item.name || id }), content: t("items.delete_text"), action: t("items.delete"), danger: true, run: async () => { await drop.mutateAsync(undefined); toast.done(t("app.deleted")); back(); } }),
      }]
    : undefined;
  return (
    <Page title={item?.name || id} status={<Label><span className="capital">{dictionary.itemType(type)}</span></Label>} description={item && <><span className="num">{id}</span> · {t("items.referred", { property: item.property })}</>} back={{ label: t("nav.items"), onClick: back }} more={more} moreLabel={t("app.more")}>
      <Loaded query={query}>
        {(found) => (
          <>
            {!found.known && <div className="note tone-info"><p><strong>{t("items.unknown")}</strong> {t("items.unknown_text")}</p></div>}
            <Tags item={found} onChange={may("data.write") ? change : undefined} />
            {may("analyses.run") && <SalesPanel type={type} id={id} property={found.property} />}
            <Attributes item={found} onChange={may("data.write") ? change : undefined} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

interface PartProps {
  item: ItemDetail;
  /** Absent for those who may not change items. */
  onChange?: (change: Change) => void;
}

function Tags({ item, onChange }: PartProps) {
  const { t } = useTranslation();
  const ask = useNameDialog();
  return (
    <Panel title={t("items.tags")}>
      <div className="row row-tight">
        {item.tags.map(({ tag }) => (
          <span key={tag} className="label tone-brand">
            {tag}
            {onChange && <button type="button" className="label-remove" aria-label={t("items.remove_tag", { tag })} onClick={() => onChange({ untag: [tag] })}><X size={12} /></button>}
          </span>
        ))}
        {item.tags.length === 0 && <span className="muted">{t("items.no_tags")}</span>}
        {onChange && <Button size="small" icon={<Plus size={14} />} onClick={() => ask({ title: t("items.add_tag"), label: t("items.add_tag"), action: t("items.add_tag"), run: async (tag) => onChange({ tag: [tag] }) })}>{t("items.add_tag")}</Button>}
      </div>
    </Panel>
  );
}

type Row = ItemDetail["attributes"][number];

function Attributes({ item, onChange }: PartProps) {
  const { t } = useTranslation();
  const names = useNames();
  const columns: Column<Row>[] = [
    { key: "name", title: t("items.attribute_name"), cell: (row) => <div className="cell-title"><strong>{names.itemProperty(row.name)}</strong><span>{row.name}</span></div> },
    { key: "value", title: t("items.value"), cell: (row) => names.value(row.name, row.value) },
    { key: "at", title: t("items.since"), wideOnly: true, cell: (row) => <Ago at={row.at} /> },
    ...(onChange ? [{ key: "tools", title: "", align: "end" as const, cell: (row: Row) => <IconButton label={t("items.unset")} icon={<X size={14} />} onClick={() => onChange({ unset: [row.name] })} /> }] : []),
  ];
  return (
    <Panel title={t("items.attributes")} flush={item.attributes.length > 0}>
      {item.attributes.length === 0 ? <p className="help">{t("items.no_attributes")}</p> : <DataTable label={t("items.attributes")} rows={item.attributes} columns={columns} rowKey={(row) => row.name} />}
      {onChange && <SetAttribute type={item.item_type} onChange={onChange} />}
    </Panel>
  );
}

type Kind = "text" | "number" | "bool";
const KINDS: Kind[] = ["text", "number", "bool"];

/** Sets one attribute; of a known one the kind is the one it has. */
function SetAttribute({ type, onChange }: { type: string; onChange: (change: Change) => void }) {
  const { t } = useTranslation();
  const known = useItemTypes().data?.find((found) => found.name === type)?.attributes ?? [];
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [chosen, setKind] = useState<Kind>("text");
  const own = known.find((attribute) => attribute.name === name.trim())?.kind;
  const kind: Kind = own === "number" || own === "bool" ? own : own === undefined ? chosen : "text";
  const value: Value | null = kind === "bool" ? text === "true" : kind === "number" ? (text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text)) : text === "" ? null : text;
  const save = () => {
    if (name.trim() === "" || value === null) return;
    onChange({ set: { [name.trim()]: value } });
    setName("");
    setText("");
  };
  return (
    <form className="row set-attribute" onSubmit={(event) => { event.preventDefault(); save(); }}>
      <Input style={{ width: 180 }} list="item-attributes" placeholder={t("items.attribute_name")} aria-label={t("items.attribute_name")} value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
      <datalist id="item-attributes">{known.map((attribute) => <option key={attribute.name} value={attribute.name} />)}</datalist>
      <Pick style={{ minWidth: 90 }} disabled={own !== undefined} options={KINDS.map((option) => ({ value: option, label: t(`items.value_kind.${option}`) }))} value={kind} onChange={setKind} aria-label={t("items.kind")} />
      {kind === "bool" ? (
        <Pick style={{ width: 180 }} options={[{ value: "true", label: t("app.yes") }, { value: "false", label: t("app.no") }]} value={text === "true" ? "true" : "false"} onChange={setText} aria-label={t("items.value")} />
      ) : (
        <Input style={{ width: 220 }} placeholder={t("items.value")} aria-label={t("items.value")} inputMode={kind === "number" ? "decimal" : undefined} value={text} onChange={(event) => setText(event.target.value)} />
      )}
      <Button htmlType="submit" disabled={name.trim() === "" || value === null}>{t("items.set")}</Button>
    </form>
  );
}
