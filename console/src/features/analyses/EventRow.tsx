/** One event of a question: which, and with what properties. */
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { EventMatch } from "../../api/types";
import { useNames } from "../../app/names";
import { EventPicker, FilterChips } from "../../condition";
import { Chip, IconButton } from "../../ui";

interface EventRowProps<E extends EventMatch> {
  mark: ReactNode;
  value: E;
  onChange: (event: E) => void;
  onRemove?: () => void;
  /** Opens the choice of the event at once. */
  open?: boolean;
  /** Any event may be meant. */
  any?: boolean;
  /** Beside the event: its measure. */
  children?: ReactNode;
}

export function EventRow<E extends EventMatch>({ mark, value, onChange, onRemove, open, any, children }: EventRowProps<E>) {
  const { t } = useTranslation();
  const names = useNames();
  return (
    <div className="query-row">
      <span className="query-mark num">{mark}</span>
      <div className="grow row row-tight">
        <Chip
          label={t("condition.edit", { what: t("condition.slot_event") })}
          missing={value.event === ""}
          openAtFirst={open}
          editor={(close) => <EventPicker any={any} value={value.event} onPick={(event) => { onChange(event === value.event ? value : { ...value, event, filters: [] }); close(); }} />}
        >
          {value.event === "" ? t("condition.choose_event") : names.event(value.event)}
        </Chip>
        {children}
        <FilterChips event={value.event} filters={value.filters} onChange={(filters) => onChange({ ...value, filters })} />
      </div>
      {onRemove && <IconButton label={t("condition.remove")} icon={<X size={15} />} onClick={onRemove} />}
    </div>
  );
}
