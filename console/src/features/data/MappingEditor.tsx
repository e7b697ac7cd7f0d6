/** Which column of a file means what. */
import { useTranslation } from "react-i18next";
import { useRelationKinds } from "../../api/catalog";
import type { ColumnMapping, ColumnTarget, ColumnType, ImportKind, ImportPreview, Mapping } from "../../api/types";
import { Input, Pick, Segmented, Status, type Tone } from "../../ui";
import { useRelationName } from "../relations/names";
import { StatesEditor } from "./StatesEditor";

const KINDS: ImportKind[] = ["orders", "refunds", "people", "events", "items", "list", "relations"];
const WHO: ColumnTarget[] = ["login", "phone", "email", "device"];
const TARGETS: Record<ImportKind, ColumnTarget[]> = {
  orders: [...WHO, "time", "order_id", "amount", "order_amount", "item_id", "row_id", "price", "quantity", "refund", "status", "property", "ignore"],
  refunds: [...WHO, "time", "order_id", "refund", "row_id", "item_id", "quantity", "property", "ignore"],
  people: [...WHO, "time", "property", "ignore"],
  events: [...WHO, "time", "event", "row_id", "order_id", "item_id", "amount", "quantity", "price", "property", "ignore"],
  items: ["item_id", "item_type", "amount", "time", "property", "ignore"],
  list: [...WHO, "ignore"],
  relations: [...WHO, "other_login", "other_phone", "other_email", "other_device", "time", "until", "ignore"],
};
const TYPES: ColumnType[] = ["text", "number", "money", "time", "bool"];
const CONFIDENCE_TONES: Record<ImportPreview["columns"][number]["confidence"], Tone> = { high: "success", medium: "warning", low: "neutral" };

interface MappingEditorProps {
  preview: ImportPreview;
  value: Mapping;
  /** The mapping is a template's, so nothing in it was guessed. */
  fromTemplate: boolean;
  onChange: (mapping: Mapping) => void;
}

export function MappingEditor({ preview, value, fromTemplate, onChange }: MappingEditorProps) {
  const { t } = useTranslation();
  const set = (column: string, mapping: ColumnMapping) => onChange({ ...value, columns: { ...value.columns, [column]: mapping } });
  const status = preview.columns.find((column) => value.columns[column.name]?.to === "status");
  return (
    <div className="stack">
      <KindRow value={value} onChange={onChange} />
      <p className="help">{t(`data.once_${value.kind}`)}</p>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={t("data.mapping")}>
        <div className="table-frame">
          <table className="mapping-table">
            <thead>
              <tr>
                <th scope="col">{t("data.column")}</th>
                <th scope="col">{t("data.sample")}</th>
                <th scope="col">{t("data.means")}</th>
                <th scope="col">{t("data.as")}</th>
              </tr>
            </thead>
            <tbody>
              {preview.columns.map((column) => (
                <ColumnRow
                  key={column.name}
                  column={column}
                  guess={fromTemplate ? undefined : preview.guess.columns[column.name]}
                  kind={value.kind}
                  mapping={value.columns[column.name] ?? { to: "ignore" }}
                  onChange={(mapping) => set(column.name, mapping)}
                />
              ))}
            </tbody>
          </table>
        </div>
      </div>
      {value.kind === "orders" && status && <StatesEditor words={status.sample} value={value.states ?? {}} onChange={(states) => onChange({ ...value, states })} />}
    </div>
  );
}

/** What the file holds, and what that kind needs besides columns. */
function KindRow({ value, onChange }: { value: Mapping; onChange: (mapping: Mapping) => void }) {
  const { t } = useTranslation();
  const name = useRelationName();
  const relations = (useRelationKinds().data ?? []).filter((kind) => kind.active).map((kind) => ({ value: kind.name, label: name(kind.name, "from") }));
  const hasEventColumn = Object.values(value.columns).some((column) => column.to === "event");
  return (
    <div className="row">
      <span className="strong">{t("data.file_holds")}</span>
      <div className="kind-scroll">
        <Segmented value={value.kind} onChange={(kind) => onChange(fitted(value, kind))} options={KINDS.map((kind) => ({ value: kind, label: t(`data.kind_${kind}`) }))} />
      </div>
      {value.kind === "events" && !hasEventColumn && (
        <Input style={{ width: 220 }} placeholder={t("data.fixed_event")} aria-label={t("data.fixed_event")} value={value.event ?? ""} onChange={(event) => onChange({ ...value, event: event.target.value || undefined })} />
      )}
      {value.kind === "relations" && <Pick style={{ width: 180 }} placeholder={t("data.relation_kind")} aria-label={t("data.relation_kind")} value={value.relation ?? undefined} onChange={(relation) => onChange({ ...value, relation })} options={relations} />}
      {value.kind === "list" && (
        <Input style={{ width: 220 }} maxLength={60} placeholder={t("data.list_name")} aria-label={t("data.list_name")} value={value.list ?? ""} onChange={(event) => onChange({ ...value, list: event.target.value || undefined })} />
      )}
    </div>
  );
}

/** Columns that the other kind has no use for become attributes; on a list, nothing. */
export function fitted(value: Mapping, kind: ImportKind): Mapping {
  const useless: ColumnMapping = kind === "list" || kind === "relations" ? { to: "ignore" } : { to: "property" };
  const columns = Object.entries(value.columns).map(([name, column]) => [name, TARGETS[kind].includes(column.to) ? column : useless] as const);
  return { ...value, kind, columns: Object.fromEntries(columns) };
}

interface ColumnRowProps {
  column: ImportPreview["columns"][number];
  guess: ColumnMapping | undefined;
  kind: ImportKind;
  mapping: ColumnMapping;
  onChange: (mapping: ColumnMapping) => void;
}

function ColumnRow({ column, guess, kind, mapping, onChange }: ColumnRowProps) {
  const { t } = useTranslation();
  const { name, sample, confidence } = column;
  const retarget = (to: ColumnTarget) => onChange(to === "property" ? { to, name: mapping.name ?? name, type: mapping.type ?? column.kind } : { ...mapping, to, name: undefined, type: undefined });
  const guessed = guess !== undefined && guess.to === mapping.to && mapping.to !== "ignore";
  return (
    <tr className={mapping.to === "ignore" ? "mapping-ignored" : undefined}>
      <td className="mapping-name">
        <span className="strong">{name}</span>
        {guessed && <span className="small mapping-guess"><Status tone={CONFIDENCE_TONES[confidence]}>{t(`data.guess_${confidence}`)}</Status></span>}
      </td>
      <td className="muted"><span className="mapping-sample" title={sample.join(" · ")}>{sample.slice(0, 3).join(" · ") || t("data.no_sample")}</span></td>
      <td>
        <Pick style={{ width: 148 }} aria-label={`${name} ${t("data.means")}`} value={mapping.to} onChange={retarget} options={TARGETS[kind].map((to) => ({ value: to, label: t(`data.to_${to}`) }))} />
      </td>
      <td>
        {mapping.to === "property" && (
          <div className="row row-tight">
            <Input style={{ width: 150 }} aria-label={`${name} ${t("data.property_name")}`} placeholder={name} value={mapping.name ?? ""} onChange={(event) => onChange({ ...mapping, name: event.target.value || undefined })} />
            <Pick style={{ width: 100 }} aria-label={`${name} ${t("data.type")}`} value={mapping.type ?? "text"} onChange={(type) => onChange({ ...mapping, type })} options={TYPES.map((type) => ({ value: type, label: t(`data.type_${type}`) }))} />
          </div>
        )}
        {(mapping.to === "login" || mapping.to === "device") && (
          <Input style={{ width: 150 }} aria-label={`${name} ${t("data.prefix")}`} placeholder={t("data.prefix")} maxLength={30} value={mapping.prefix ?? ""} onChange={(event) => onChange({ ...mapping, prefix: event.target.value || undefined })} />
        )}
      </td>
    </tr>
  );
}
