/** The period: the last n days, two dates, or any time. Dates are chosen in the browser's own control: it fits a phone. */
import { useTranslation } from "react-i18next";
import type { DateRange } from "../api/types";
import { Button, Input, InputNumber, Segmented, useFormats } from "../ui";

const PRESETS = [1, 7, 14, 30, 60, 90, 180, 365] as const;
const DAYS_MAX = 3650;
const DAY_MILLIS = 86_400_000;
const CUSTOM_DAYS = 30;

interface RangeEditorProps {
  value: DateRange;
  onChange: (range: DateRange) => void;
  /** Analyses of every day there ever was make no sense. */
  allowAll?: boolean;
}

export function RangeEditor({ value, onChange, allowAll = true }: RangeEditorProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const kinds: { value: DateRange["kind"]; label: string }[] = [
    { value: "last_days", label: t("condition.range_last") },
    { value: "between", label: t("condition.range_custom") },
  ];
  if (allowAll) kinds.push({ value: "all", label: t("condition.range_all") });
  const change = (kind: DateRange["kind"]) => {
    if (kind === "last_days") onChange({ kind, days: 30 });
    else if (kind === "between") onChange({ kind, from: format.date(Date.now() - (CUSTOM_DAYS - 1) * DAY_MILLIS), to: format.date(Date.now()) });
    else onChange({ kind });
  };
  return (
    <>
      <Segmented block options={kinds} value={value.kind} onChange={change} />
      {value.kind === "last_days" && (
        <>
          <div className="row row-tight">
            {PRESETS.map((days) => (
              <Button key={days} size="small" type={days === value.days ? "primary" : "default"} onClick={() => onChange({ kind: "last_days", days })}>
                {days === 1 ? t("condition.window_today") : days}
              </Button>
            ))}
          </div>
          <label className="row">
            {t("condition.range_last")}
            <InputNumber min={1} max={DAYS_MAX} precision={0} value={value.days} onChange={(days) => days && onChange({ kind: "last_days", days })} style={{ width: 96 }} />
            {t("condition.days")}
          </label>
          <p className="help">{t("condition.last_days_include_today")}</p>
        </>
      )}
      {value.kind === "between" && (
        <div className="row">
          <Input type="date" style={{ width: 150 }} aria-label={t("condition.from")} value={value.from} max={value.to} onChange={(event) => event.target.value && onChange({ ...value, from: event.target.value })} />
          –
          <Input type="date" style={{ width: 150 }} aria-label={t("condition.to")} value={value.to} min={value.from} onChange={(event) => event.target.value && onChange({ ...value, to: event.target.value })} />
        </div>
      )}
    </>
  );
}
