/** JSON as text; only valid JSON is passed on. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../form";

interface JsonInputProps {
  label: string;
  help: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

export function JsonInput({ label, help, value, onChange }: JsonInputProps) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const [valid, setValid] = useState(true);
  const change = (next: string) => {
    setText(next);
    try {
      onChange(JSON.parse(next));
      setValid(true);
    } catch {
      setValid(false);
    }
  };
  return (
    <Field label={label} help={help} error={valid ? undefined : t("campaigns.json_invalid")}>
      {({ id, status, ...aria }) => <textarea id={id} data-status={status} {...aria} className="html-editor" spellCheck={false} value={text} onChange={(event) => change(event.target.value)} />}
    </Field>
  );
}
