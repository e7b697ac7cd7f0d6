/** What the words of an order file's status column mean. */
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OrderState } from "../../api/types";
import { Button, Input, Pick } from "../../ui";

const STATES: OrderState[] = ["paid", "unpaid", "refunded", "return"];

interface StatesEditorProps {
  /** Seen in the file. */
  words: string[];
  value: Record<string, OrderState>;
  onChange: (states: Record<string, OrderState>) => void;
}

export function StatesEditor({ words, value, onChange }: StatesEditorProps) {
  const { t } = useTranslation();
  const [word, setWord] = useState("");
  const [all, setAll] = useState(false);
  const known = Object.keys(value);
  // Those in the file come first; a template knows many that are not.
  const shown = [...new Set([...words, ...(all ? known : known.filter((one) => words.includes(one) || known.length <= words.length + 4))])];
  const hidden = known.filter((one) => !shown.includes(one)).length;
  const add = () => {
    const text = word.trim();
    if (text === "") return;
    onChange({ ...value, [text]: "paid" });
    setWord("");
    setAll(true);
  };
  return (
    <section className="states">
      <h3>{t("data.states")}</h3>
      <p className="help">{t("data.states_help")}</p>
      <ul>
        {shown.map((one) => (
          <li key={one}>
            <span className="strong">{one}</span>
            <Pick
              style={{ width: 200 }}
              aria-label={`${one} ${t("data.means")}`}
              placeholder={t("data.state_unknown")}
              status={value[one] === undefined ? "warning" : undefined}
              value={value[one]}
              onChange={(state) => onChange({ ...value, [one]: state })}
              options={STATES.map((state) => ({ value: state, label: t(`data.state_${state}`) }))}
            />
          </li>
        ))}
      </ul>
      <div className="row">
        <Input style={{ width: 200 }} placeholder={t("data.state_word")} aria-label={t("data.state_word")} value={word} onChange={(event) => setWord(event.target.value)} onPressEnter={add} />
        <Button icon={<Plus size={14} />} onClick={add}>{t("data.add_state")}</Button>
        {hidden > 0 && <Button type="text" onClick={() => setAll(true)}>{t("data.more_states", { count: hidden })}</Button>}
      </div>
    </section>
  );
}
