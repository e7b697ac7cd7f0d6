/** The form of a webhook's mapping: where each value of a body goes. */
import { Plus, X } from "lucide-react";
import { useId, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { HookMapping, HookProperty, Take } from "../../api/types";
import { Button, Input, Pick, Segmented, Switch } from "../../ui";
import { IDENTIFIERS, renamed, takeOf, takeText, way, type Place, type Sample, type TakeWay } from "./hook";

const READS = ["as_is", "text", "number", "money"] as const;

interface HookFieldsProps {
  mapping: HookMapping;
  sample: Sample;
  onChange: (change: Partial<HookMapping>) => void;
}

export function HookFields({ mapping, sample, onChange }: HookFieldsProps) {
  const { t } = useTranslation();
  const shared = { sample, beside: mapping.list !== "" };
  const lists = [{ value: "", label: t("data.hook_whole") }, ...sample.lists.filter((place) => place.pointer !== "").map((place) => ({ value: place.pointer, label: place.pointer }))];
  if (mapping.list && !lists.some((list) => list.value === mapping.list)) lists.push({ value: mapping.list, label: mapping.list });
  return (
    <div className="hook-fields">
      <Line label={t("data.hook_becomes")}>
        <Segmented value={mapping.kind ?? "event"} onChange={(kind) => onChange({ kind })} options={(["event", "profile"] as const).map((kind) => ({ value: kind, label: t(`data.hook_${kind}`) }))} />
      </Line>
      <Line label={t("data.hook_list")} help={t("data.hook_list_help")}>
        <Pick style={{ width: "100%" }} aria-label={t("data.hook_list")} value={mapping.list ?? ""} onChange={(list) => onChange({ list })} options={lists} />
      </Line>
      {mapping.kind !== "profile" && <TakeLine {...shared} label={t("data.to_event")} take={mapping.event} onChange={(event) => onChange({ event })} />}
      <TakeLine {...shared} label={t("data.to_time")} help={t("data.hook_time_help")} take={mapping.time} onChange={(time) => onChange({ time })} />
      <Line label={t("data.hook_zone")} help={t("data.hook_zone_help")}>
        <Input aria-label={t("data.hook_zone")} placeholder="UTC" value={mapping.zone ?? ""} onChange={(event) => onChange({ zone: event.target.value.trim() })} />
      </Line>
      <TakeLine {...shared} label={t("data.hook_id")} help={t("data.hook_id_help")} take={mapping.id} onChange={(id) => onChange({ id })} />
      <h3>{t("data.hook_who")}</h3>
      {IDENTIFIERS.map((name) => (
        <TakeLine {...shared} key={name} label={t(`data.to_${name}`)} take={mapping.identifiers[name]} onChange={(take) => onChange({ identifiers: { ...mapping.identifiers, [name]: take } })} />
      ))}
      <h3>{t("data.properties")}</h3>
      <Line label={t("data.hook_rest")}>
        <Switch aria-label={t("data.hook_rest")} checked={mapping.rest ?? false} onChange={(rest) => onChange({ rest })} />
      </Line>
      <Properties {...shared} properties={mapping.properties ?? {}} onChange={(properties) => onChange({ properties })} />
    </div>
  );
}

function Line({ label, help, children }: { label: string; help?: string; children: ReactNode }) {
  return (
    <div className="hook-line">
      <span>{label}</span>
      <div>
        {children}
        {help && <p className="help">{help}</p>}
      </div>
    </div>
  );
}

interface TakeProps {
  label: string;
  sample: Sample;
  /** Whether values may stand outside of the item. */
  beside: boolean;
  take: Take | null | undefined;
  onChange: (take: Take) => void;
}

function TakeLine({ help, ...rest }: TakeProps & { help?: string }) {
  return (
    <Line label={rest.label} help={help}>
      <TakeInput {...rest} />
    </Line>
  );
}

function TakeInput({ label, sample, beside, take, onChange }: TakeProps) {
  const { t } = useTranslation();
  const id = useId();
  const kind = way(take);
  const ways: TakeWay[] = beside || kind === "body" ? ["at", "body", "always"] : ["at", "always"];
  const places: Place[] = kind === "always" ? [] : kind === "body" ? sample.body : sample.item;
  const text = takeText(take);
  const example = places.find((place) => place.pointer === text)?.example;
  return (
    <div className="hook-take">
      <Pick style={{ width: 108 }} aria-label={`${label} ${t("data.hook_from")}`} value={kind} onChange={(next) => onChange(takeOf(next, next === "always" || kind === "always" ? "" : text))} options={ways.map((value) => ({ value, label: t(`data.hook_from_${value}`) }))} />
      <Input aria-label={label} list={id} placeholder={kind === "always" ? t("data.hook_constant") : "/…"} value={text} onChange={(event) => onChange(takeOf(kind, event.target.value))} suffix={example !== undefined && text !== "" ? <span className="muted hook-example">{example}</span> : <span />} />
      <datalist id={id}>
        {places.map((place) => <option key={place.pointer} value={place.pointer}>{place.example}</option>)}
      </datalist>
    </div>
  );
}

interface PropertiesProps {
  properties: Record<string, HookProperty>;
  sample: Sample;
  beside: boolean;
  onChange: (properties: Record<string, HookProperty>) => void;
}

function Properties({ properties, sample, beside, onChange }: PropertiesProps) {
  const { t } = useTranslation();
  const set = (name: string, change: Partial<HookProperty>) => onChange(Object.fromEntries(Object.entries(properties).map(([known, property]) => [known, known === name ? { ...property, ...change } : property])));
  return (
    <div className="stack stack-tight">
      {Object.entries(properties).map(([name, property], index) => (
        // The place is what stays while the name is typed.
        <div className="hook-property" key={index}>
          <Input aria-label={t("data.property_name")} placeholder={t("data.property_name")} value={name} onChange={(event) => !(event.target.value in properties) && onChange(renamed(properties, name, event.target.value))} />
          <TakeInput label={name || t("data.property_name")} sample={sample} beside={beside} take={property.take} onChange={(take) => set(name, { take })} />
          <Pick style={{ width: 108 }} aria-label={`${name} ${t("data.as")}`} value={property.read ?? "as_is"} onChange={(value) => set(name, { read: value })} options={READS.map((value) => ({ value, label: t(`data.hook_read_${value}`) }))} />
          <Button type="text" icon={<X size={14} />} aria-label={`${t("app.delete")} ${name}`} onClick={() => onChange(Object.fromEntries(Object.entries(properties).filter(([known]) => known !== name)))} />
        </div>
      ))}
      <div>
        <Button size="small" icon={<Plus size={14} />} disabled={"" in properties} onClick={() => onChange({ ...properties, "": { take: { at: "" } } })}>{t("data.hook_add")}</Button>
      </div>
    </div>
  );
}
