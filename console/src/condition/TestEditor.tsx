/** The comparison of one value: operators that fit its type, and values that exist. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAttributeValues, useEventValues, useItemValues } from "../api/catalog";
import type { Compare, Test, ValueKind } from "../api/types";
import { useNames } from "../app/names";
import { InputNumber, Input, ManyValues, MONEY_SUFFIX, Pick, Radio, useFormats } from "../ui";

/** Where suggestions come from. */
export type ValueSource = { kind: "event"; event: string; property: string } | { kind: "attribute"; name: string } | { kind: "item"; type: string; attribute?: string } | { kind: "fixed"; values: string[] };

/** The property whose name says how its values are written. */
function propertyOf(source: ValueSource): string {
  if (source.kind === "event") return source.property;
  if (source.kind === "item") return source.attribute ?? "";
  return source.kind === "attribute" ? source.name : "";
}

type Op = Exclude<Test["op"], "number"> | `number:${Compare}`;

const NUMBER_OPS: Op[] = ["number:at_least", "number:at_most", "number:more", "number:less", "number:equal", "number:not_equal", "between", "is_present", "is_missing"];
const OPS: Record<ValueKind, Op[]> = {
  text: ["is", "is_not", "contains", "not_contains", "is_present", "is_missing"],
  list: ["is", "is_not", "contains", "not_contains", "is_present", "is_missing"],
  number: NUMBER_OPS,
  bool: ["is", "is_present", "is_missing"],
};
const SIGNS: Record<Compare, string> = { at_least: "≥", at_most: "≤", more: ">", less: "<", equal: "=", not_equal: "≠" };

export function defaultTest(kind: ValueKind): Test {
  if (kind === "number") return { op: "number", compare: "at_least", value: 1 };
  return kind === "bool" ? { op: "is", values: [true] } : { op: "is", values: [] };
}

function opOf(test: Test): Op {
  return test.op === "number" ? `number:${test.compare}` : test.op;
}

function withOp(op: Op, before: Test, kind: ValueKind): Test {
  if (op.startsWith("number:")) {
    return { op: "number", compare: op.slice("number:".length) as Compare, value: before.op === "number" ? before.value : 1 };
  }
  switch (op) {
    case "is":
    case "is_not":
      return { op, values: "values" in before ? before.values : kind === "bool" ? [true] : [] };
    case "contains":
    case "not_contains":
      return { op, value: "value" in before && typeof before.value === "string" ? before.value : "" };
    case "between":
      return { op, from: before.op === "number" ? before.value : 0, to: before.op === "number" ? before.value : 100 };
    default:
      return { op: op === "is_present" ? "is_present" : "is_missing" };
  }
}

interface TestEditorProps {
  value: Test;
  onChange: (test: Test) => void;
  kind: ValueKind;
  source: ValueSource;
}

export function TestEditor({ value, onChange, kind, source }: TestEditorProps) {
  const { t } = useTranslation();
  const current = opOf(value);
  const ops = OPS[kind].includes(current) ? OPS[kind] : [...OPS[kind], current];
  const label = (op: Op) => {
    if (op.startsWith("number:")) {
      const compare = op.slice("number:".length) as Compare;
      return `${SIGNS[compare]} ${t(`condition.compare.${compare}`)}`;
    }
    return t(`condition.test.${op as Exclude<Test["op"], "number">}`);
  };
  return (
    <>
      <Pick options={ops.map((op) => ({ value: op, label: label(op) }))} value={current} onChange={(op) => onChange(withOp(op, value, kind))} aria-label={t("condition.slot_test")} />
      <Operand value={value} onChange={onChange} kind={kind} source={source} />
    </>
  );
}

function Operand({ value, onChange, kind, source }: TestEditorProps) {
  const { t } = useTranslation();
  const property = propertyOf(source);
  switch (value.op) {
    case "is":
    case "is_not":
      if (kind === "bool") {
        return (
          <Radio.Group value={value.values[0] === true} onChange={(event) => onChange({ ...value, values: [event.target.value === true] })}>
            <Radio value>{t("app.yes")}</Radio>
            <Radio value={false}>{t("app.no")}</Radio>
          </Radio.Group>
        );
      }
      return <ValuesInput values={value.values.map(String)} onChange={(values) => onChange({ ...value, values })} source={source} />;
    case "contains":
    case "not_contains":
      return <Input autoFocus value={value.value} placeholder={t("condition.choose_value")} aria-label={t("condition.choose_value")} onChange={(event) => onChange({ ...value, value: event.target.value })} />;
    case "number":
      return <AmountInput property={property} value={value.value} onChange={(next) => onChange({ ...value, value: next })} label={t("condition.choose_value")} />;
    case "between":
      return (
        <div className="row">
          <AmountInput property={property} value={value.from} onChange={(from) => onChange({ ...value, from })} label={t("condition.from")} />
          –
          <AmountInput property={property} value={value.to} onChange={(to) => onChange({ ...value, to })} label={t("condition.to")} />
        </div>
      );
    default:
      return null;
  }
}

interface AmountInputProps {
  property: string;
  value: number;
  onChange: (value: number) => void;
  label: string;
}

/** A number; money is typed in whole units and kept in minor ones. */
export function AmountInput({ property, value, onChange, label }: AmountInputProps) {
  const format = useFormats();
  const scale = property.endsWith(MONEY_SUFFIX) ? format.minorPerUnit : 1;
  const symbol = scale === 1 ? undefined : format.money(0).replace(/[\d.,\s]/g, "");
  return (
    <InputNumber
      aria-label={label}
      prefix={symbol}
      value={value / scale}
      onChange={(next) => typeof next === "number" && onChange(scale === 1 ? next : Math.round(next * scale))}
      style={{ width: 132 }}
    />
  );
}

interface ValuesInputProps {
  values: string[];
  onChange: (values: string[]) => void;
  source: ValueSource;
}

function ValuesInput({ values, onChange, source }: ValuesInputProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const names = useNames();
  const [prefix, setPrefix] = useState("");
  const isEvent = source.kind === "event";
  const fromEvents = useEventValues(isEvent ? source.event : "", isEvent ? source.property : "", prefix);
  const fromAttributes = useAttributeValues(source.kind === "attribute" ? source.name : "", prefix);
  const fromItems = useItemValues(source.kind === "item" ? source.type : "", source.kind === "item" ? source.attribute : undefined, prefix);
  const found = isEvent ? fromEvents : source.kind === "item" ? fromItems : fromAttributes;
  const property = source.kind === "attribute" ? "" : propertyOf(source);
  const options =
    source.kind === "fixed"
      ? source.values.map((value) => ({ value, label: names.tagValue(value) }))
      : (found.data ?? []).map((item) => ({
          value: String(item.value),
          label: (
            <span className="spread">
              <span className="ellipsis">{names.value(property, String(item.value))}</span>
              <span className="muted small num">{format.compact(item.count)}</span>
            </span>
          ),
        }));
  return (
    <ManyValues
      value={values}
      onChange={onChange}
      options={options}
      onSearch={source.kind === "fixed" ? undefined : setPrefix}
      loading={source.kind !== "fixed" && found.isFetching}
      placeholder={t("condition.choose_value")}
      closed={source.kind === "fixed" && source.values.length > 0}
      openAtFirst={values.length === 0}
      ariaLabel={t("condition.choose_value")}
    />
  );
}
