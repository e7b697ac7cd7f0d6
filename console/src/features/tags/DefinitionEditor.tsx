/** The form of each kind of tag. */
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useAttributes, useEventNames } from "../../api/catalog";
import type { TagDefinition } from "../../api/types";
import { useNames } from "../../app/names";
import { ConditionBuilder, EVERYBODY, RangeEditor, usePropertyOptions } from "../../condition";
import { Field } from "../../form";
import { Button, IconButton, Input, InputNumber, ManyValues, Pick, Radio } from "../../ui";

interface EditorProps<D> {
  value: D;
  onChange: (definition: TagDefinition) => void;
}

type Of<K extends TagDefinition["kind"]> = Extract<TagDefinition, { kind: K }>;

export function DefinitionEditor({ value, onChange }: EditorProps<TagDefinition>) {
  switch (value.kind) {
    case "attribute":
      return <AttributeEditor value={value} onChange={onChange} />;
    case "rule":
      return <RuleEditor value={value} onChange={onChange} />;
    case "rfm":
      return <RfmEditor value={value} onChange={onChange} />;
    case "given":
      return null;
  }
}

function AttributeEditor({ value, onChange }: EditorProps<Of<"attribute">>) {
  const { t } = useTranslation();
  const names = useNames();
  const attributes = useAttributes().data ?? [];
  const isNumber = attributes.find((attribute) => attribute.name === value.attribute)?.kind === "number";
  return (
    <>
      <Field label={t("condition.attribute")}>
        {(control) => (
          <Pick {...control} style={{ width: "100%" }} placeholder={t("condition.choose_attribute")} value={value.attribute || undefined} onChange={(attribute) => onChange({ kind: "attribute", attribute })} options={attributes.map((attribute) => ({ value: attribute.name, label: names.property(attribute.name), keywords: attribute.name }))} />
        )}
      </Field>
      {isNumber && (
        <Field label={t("tags.buckets")} help={t("tags.buckets_help")} optional>
          {() => (
            <ManyValues
              ariaLabel={t("tags.buckets")}
              value={(value.buckets ?? []).map(String)}
              onChange={(texts) => {
                const buckets = texts.map(Number).filter(Number.isFinite).sort((a, b) => a - b);
                onChange({ ...value, buckets: buckets.length > 0 ? buckets : undefined });
              }}
            />
          )}
        </Field>
      )}
    </>
  );
}

function RuleEditor({ value, onChange }: EditorProps<Of<"rule">>) {
  const { t } = useTranslation();
  const { values } = value;
  const swap = (a: number, b: number) => {
    const [left, right] = [values[a], values[b]];
    if (left && right) onChange({ ...value, values: values.with(a, right).with(b, left) });
  };
  return (
    <div className="stack">
      {values.map((rule, index) => (
        <div key={index} className="rule">
          <div className="row">
            <Input style={{ width: 200 }} aria-label={t("tags.value")} placeholder={t("tags.value_example")} value={rule.value} onChange={(event) => onChange({ ...value, values: values.with(index, { ...rule, value: event.target.value }) })} />
            <span className="grow" />
            <IconButton label={t("tags.up")} icon={<ArrowUp size={14} />} disabled={index === 0} onClick={() => swap(index, index - 1)} />
            <IconButton label={t("tags.down")} icon={<ArrowDown size={14} />} disabled={index === values.length - 1} onClick={() => swap(index, index + 1)} />
            <IconButton label={t("tags.remove_value")} icon={<Trash2 size={14} />} disabled={values.length === 1} onClick={() => onChange({ ...value, values: values.filter((_, at) => at !== index) })} />
          </div>
          <ConditionBuilder value={rule.condition} onChange={(condition) => onChange({ ...value, values: values.with(index, { ...rule, condition }) })} />
        </div>
      ))}
      <div className="row">
        <Button icon={<Plus size={14} />} onClick={() => onChange({ ...value, values: [...values, { value: "", condition: EVERYBODY }] })}>{t("tags.add_value")}</Button>
      </div>
      <Field label={t("tags.otherwise")} optional help={t("tags.otherwise_help")}>
        {(control) => <Input {...control} style={{ width: 200 }} value={value.otherwise ?? ""} onChange={(event) => onChange({ ...value, otherwise: event.target.value || undefined })} />}
      </Field>
    </div>
  );
}

const CUTS = { recency_days: 30, frequency: 3, monetary: 30_000 };

function RfmEditor({ value, onChange }: EditorProps<Of<"rfm">>) {
  const { t } = useTranslation();
  const names = useNames();
  const events = useEventNames().data ?? [];
  const properties = usePropertyOptions(value.event).filter((property) => property.kind === "number");
  const cuts = value.cuts ?? CUTS;
  return (
    <>
      <div className="field-row">
        <Field label={t("tags.rfm_event")}>
          {(control) => <Pick {...control} value={value.event} onChange={(event) => onChange({ ...value, event })} options={events.map((event) => ({ value: event.name, label: names.event(event.name), keywords: event.name }))} />}
        </Field>
        <Field label={t("tags.rfm_amount")}>
          {(control) => <Pick {...control} value={value.amount} onChange={(amount) => onChange({ ...value, amount })} options={properties.length > 0 ? properties : [{ value: value.amount, label: names.property(value.amount) }]} />}
        </Field>
      </div>
      <Field label={t("condition.slot_window")}>{() => <div className="stack stack-tight"><RangeEditor value={value.window} onChange={(window) => onChange({ ...value, window })} /></div>}</Field>
      <Field label={t("tags.rfm_method")} help={t(`tags.rfm_${value.method}_help`)}>
        {() => (
          <Radio.Group value={value.method} onChange={(event) => onChange({ ...value, method: event.target.value === "cut" ? "cut" : "share", cuts: event.target.value === "cut" ? cuts : undefined })}>
            <Radio value="share">{t("tags.rfm_share")}</Radio>
            <Radio value="cut">{t("tags.rfm_cut")}</Radio>
          </Radio.Group>
        )}
      </Field>
      {value.method === "cut" && (
        <div className="field-row">
          <Field label={t("tags.cut_recency")}>{(control) => <InputNumber {...control} min={1} value={cuts.recency_days} onChange={(days) => days && onChange({ ...value, cuts: { ...cuts, recency_days: days } })} />}</Field>
          <Field label={t("tags.cut_frequency")}>{(control) => <InputNumber {...control} min={1} value={cuts.frequency} onChange={(frequency) => frequency && onChange({ ...value, cuts: { ...cuts, frequency } })} />}</Field>
          <Field label={t("tags.cut_monetary")}>{(control) => <InputNumber {...control} min={0} value={cuts.monetary / 100} onChange={(units) => typeof units === "number" && onChange({ ...value, cuts: { ...cuts, monetary: Math.round(units * 100) } })} />}</Field>
        </div>
      )}
    </>
  );
}
