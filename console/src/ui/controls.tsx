/** Ant Design's plain controls, named once here. Features import from `ui`, never from antd. */
import { Popover, Select as AntSelect, type PopoverProps, type SelectProps } from "antd";
import { cloneElement, useState, type ReactElement } from "react";

export { Button, Checkbox, Drawer, Dropdown, Input, InputNumber, Modal, Popover, Progress, Radio, Segmented, Switch, Tabs, Tooltip } from "antd";
export type { MenuProps } from "antd";

export interface Option<V extends string | number> {
  value: V;
  label: string;
  /** Further words that find it: the raw name, pinyin. */
  keywords?: string;
  disabled?: boolean;
}

interface PickProps<V extends string | number> extends Omit<SelectProps<V>, "options" | "onChange" | "value" | "mode"> {
  options: Option<V>[];
  value: V | undefined | null;
  onChange: (value: V) => void;
}

/** One of several; searchable by label and keywords once there are many. */
export function Pick<V extends string | number>({ options, value, onChange, ...rest }: PickProps<V>) {
  return (
    <AntSelect<V>
      showSearch={
        options.length > 7
          ? { filterOption: (input, option) => matches(input, `${String(option?.label ?? "")} ${String(option?.value ?? "")} ${String(option?.keywords ?? "")}`) }
          : false
      }
      popupMatchSelectWidth={false}
      {...rest}
      value={value ?? null}
      onChange={(next) => onChange(next)}
      options={options}
    />
  );
}

export function matches(input: string, text: string): boolean {
  return text.toLowerCase().includes(input.trim().toLowerCase());
}

interface TagInputProps {
  value: string[];
  onChange: (values: string[]) => void;
  options?: { value: string; label: React.ReactNode }[];
  onSearch?: (text: string) => void;
  loading?: boolean;
  placeholder?: string;
  ariaLabel?: string;
  /** Only the options may be chosen; they are searched by their labels. */
  closed?: boolean;
  /** Ready to choose as soon as it appears. */
  openAtFirst?: boolean;
}

/** Several free or suggested values. */
export function ManyValues({ value, onChange, options, onSearch, loading, placeholder, ariaLabel, closed, openAtFirst }: TagInputProps) {
  return (
    <AntSelect<string[]>
      mode={closed ? "multiple" : "tags"}
      autoFocus={openAtFirst}
      defaultOpen={openAtFirst}
      aria-label={ariaLabel}
      style={{ width: "100%" }}
      value={value}
      onChange={onChange}
      options={options ?? []}
      showSearch={{ filterOption: onSearch === undefined, optionFilterProp: closed ? "label" : "value", onSearch }}
      loading={loading}
      placeholder={placeholder}
      tokenSeparators={[",", ",", "、", "\n"]}
      labelRender={({ value: chosen, label }) => (closed ? label : chosen)}
      maxTagCount="responsive"
    />
  );
}

interface LatePopoverProps extends Omit<PopoverProps, "trigger" | "open" | "children"> {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  children: ReactElement<{ onClick?: () => void; autoFocus?: boolean }>;
}

/** A popover at a button that is made when the button is first pressed: for places that have dozens of them. */
export function LatePopover({ open, onOpenChange, children, ...rest }: LatePopoverProps) {
  const [met, setMet] = useState(open);
  if (open && !met) setMet(true);
  // Later than the click, which would otherwise count as one outside and close it.
  if (!met) return cloneElement(children, { onClick: () => void setTimeout(() => onOpenChange(true)) });
  // The button is a new one; who pressed it with the keyboard stays on it.
  return <Popover {...rest} open={open} onOpenChange={onOpenChange} trigger="click">{cloneElement(children, { autoFocus: true })}</Popover>;
}
