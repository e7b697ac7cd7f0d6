/** Which column of a file means what. */
import { useTranslation } from "react-i18next";
import type { ColumnMapping, ColumnTarget, ColumnType, ImportKind, ImportPreview, Mapping } from "../../api/types";
import { Input, Pick, Segmented } from "../../ui";

const KINDS: ImportKind[] = ["orders", "people", "events", "items"];
const TARGETS: Record<ImportKind, ColumnTarget[]> = {
  orders: ["login", "phone", "email", "device", "time", "order_id", "item_id", "amount", "property", "ignore"],
  people: ["login", "phone", "email", "device", "time", "property", "ignore"],
  events: ["login", "phone", "email", "device", "time", "event", "order_id", "item_id", "amount", "property", "ignore"],
  items: ["item_id", "item_type", "time", "property", "ignore"],
};
const TYPES: ColumnType[] = ["text", "number", "money", "time", "bool"];

interface MappingEditorProps {
  preview: ImportPreview;
  value: Mapping;
  onChange: (mapping: Mapping) => void;
}

export function MappingEditor({ preview, value, onChange }: MappingEditorProps) {
  const { t } = useTranslation();
  const set = (column: string, mapping: ColumnMapping) => onChange({ ...value, columns: { ...value.columns, [column]: mapping } });
  const hasEventColumn = Object.values(value.columns).some((column) => column.to === "event");
  return (
    <div className="stack">
      <div className="row">
        <span className="strong">{t("data.file_holds")}</span>
        <Segmented value={value.kind} onChange={(kind) => onChange({ ...value, kind })} options={KINDS.map((kind) => ({ value: kind, label: t(`data.kind_${kind}`) }))} />
        {value.kind === "events" && !hasEventColumn && (
          <Input style={{ width: 220 }} placeholder={t("data.fixed_event")} aria-label={t("data.fixed_event")} value={value.event ?? ""} onChange={(event) => onChange({ ...value, event: event.target.value || undefined })} />
        )}
      </div>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={t("data.mapping")}>
        <div className="table-frame">
          <table>
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
                <ColumnRow key={column.name} name={column.name} sample={column.sample} kind={value.kind} mapping={value.columns[column.name] ?? { to: "ignore" }} onChange={(mapping) => set(column.name, mapping)} />
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </div>
  );
}

interface ColumnRowProps {
  name: string;
  sample: string[];
  kind: ImportKind;
  mapping: ColumnMapping;
  onChange: (mapping: ColumnMapping) => void;
}

function ColumnRow({ name, sample, kind, mapping, onChange }: ColumnRowProps) {
  const { t } = useTranslation();
  const targets = TARGETS[kind].includes(mapping.to) ? TARGETS[kind] : [...TARGETS[kind], mapping.to];
  const retarget = (to: ColumnTarget) => onChange(to === "property" ? { to, name: mapping.name ?? name, type: mapping.type ?? "text" } : { ...mapping, to, name: undefined });
  return (
    <tr className={mapping.to === "ignore" ? "mapping-ignored" : undefined}>
      <td className="strong mapping-name">{name}</td>
      <td className="muted"><span className="mapping-sample">{sample.slice(0, 3).join(" · ")}</span></td>
      <td>
        <Pick style={{ width: 132 }} aria-label={`${name} ${t("data.means")}`} value={mapping.to} onChange={retarget} options={targets.map((to) => ({ value: to, label: t(`data.to_${to}`) }))} />
      </td>
      <td>
        {mapping.to === "property" && (
          <div className="row">
            <Input style={{ width: 150 }} aria-label={`${name} ${t("data.property_name")}`} placeholder={name} value={mapping.name ?? ""} onChange={(event) => onChange({ ...mapping, name: event.target.value || undefined })} />
            <Pick style={{ width: 100 }} aria-label={`${name} ${t("data.type")}`} value={mapping.type ?? "text"} onChange={(type) => onChange({ ...mapping, type })} options={TYPES.map((type) => ({ value: type, label: t(`data.type_${type}`) }))} />
          </div>
        )}
      </td>
    </tr>
  );
}
