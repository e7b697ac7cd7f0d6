/** The period: the last n days, two dates, or any time. */
import { DatePicker } from "antd";
import dayjs from "dayjs";
import { useTranslation } from "react-i18next";
import type { DateRange } from "../api/types";
import { Button, InputNumber, Segmented } from "../ui";

const PRESETS = [1, 7, 14, 30, 60, 90, 180, 365] as const;
const DAYS_MAX = 3650;
const DAY = "YYYY-MM-DD";

interface RangeEditorProps {
  value: DateRange;
  onChange: (range: DateRange) => void;
  /** Analyses of every day there ever was make no sense. */
  allowAll?: boolean;
}

export function RangeEditor({ value, onChange, allowAll = true }: RangeEditorProps) {
  const { t } = useTranslation();
  const kinds: { value: DateRange["kind"]; label: string }[] = [
    { value: "last_days", label: t("condition.range_last") },
    { value: "between", label: t("condition.range_custom") },
  ];
  if (allowAll) kinds.push({ value: "all", label: t("condition.range_all") });
  const change = (kind: DateRange["kind"]) => {
    if (kind === "last_days") onChange({ kind, days: 30 });
    else if (kind === "between") onChange({ kind, from: dayjs().subtract(29, "day").format(DAY), to: dayjs().format(DAY) });
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
        <DatePicker.RangePicker
          allowClear={false}
          value={[dayjs(value.from), dayjs(value.to)]}
          onChange={(days) => {
            const [from, to] = days ?? [];
            if (from && to) onChange({ kind: "between", from: from.format(DAY), to: to.format(DAY) });
          }}
        />
      )}
    </>
  );
}
