/** A searchable list inside a chip: choose one, it closes. */
import { Check } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Input, matches, type Option } from "../ui";

interface OptionListProps<V extends string | number> {
  options: (Option<V> & { note?: string })[];
  value: V;
  onPick: (value: V) => void;
  label: string;
  /** Said when there is nothing to choose from at all. */
  empty?: string;
}

const SEARCH_FROM = 7;

export function OptionList<V extends string | number>({ options, value, onPick, label, empty }: OptionListProps<V>) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const shown = options.filter((option) => matches(text, `${option.label} ${option.value} ${option.keywords ?? ""}`));
  return (
    <div className="option-list">
      {options.length >= SEARCH_FROM && (
        <Input
          autoFocus
          allowClear
          aria-label={t("app.search")}
          placeholder={t("app.search")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onPressEnter={() => shown[0] && onPick(shown[0].value)}
        />
      )}
      {shown.length > 0 && (
        <div className="option-list-items" role="listbox" aria-label={label} tabIndex={-1}>
          {shown.map((option) => (
            <button key={option.value} type="button" role="option" aria-selected={option.value === value} onClick={() => onPick(option.value)}>
              <span className="grow ellipsis" title={option.label}>{option.label}</span>
              {option.note && <span className="muted small num">{option.note}</span>}
              {option.value === value && <Check size={14} aria-hidden />}
            </button>
          ))}
        </div>
      )}
      {shown.length === 0 && <p className="help">{options.length === 0 && empty ? empty : t("palette.empty")}</p>}
    </div>
  );
}
