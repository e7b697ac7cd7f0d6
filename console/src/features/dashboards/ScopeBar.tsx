/** The days and the segment that hold for all tiles. What is chosen stands in the address; those who may keep it as the dashboard's own. */
import { useTranslation } from "react-i18next";
import { useSegments } from "../../api/catalog";
import type { Dashboard } from "../../api/types";
import { RangeEditor, rangeText } from "../../condition";
import { Button, Chip, Pick, TextButton } from "../../ui";
import { isKept, type Scope } from "./tiles";

const MONTH = { kind: "last_days", days: 30 } as const;

interface ScopeBarProps {
  dashboard: Dashboard;
  scope: Scope;
  onChange: (scope: Scope) => void;
  /** Back to what the dashboard is kept with. */
  onReset: () => void;
  onKeep?: () => void;
  keeping: boolean;
}

/** On a wall, where nothing can be chosen: what the numbers are of, if that is said for all. */
export function ScopeLine({ scope }: { scope: ScopeBarProps["scope"] }) {
  const { t } = useTranslation();
  const segments = useSegments().data ?? [];
  const segment = segments.find((one) => one.id === scope.segment)?.name;
  const said = [scope.range ? rangeText(scope.range, t) : undefined, segment].filter((part) => part !== undefined);
  return said.length === 0 ? null : <p className="help">{said.join(" · ")}</p>;
}

export function ScopeBar({ dashboard, scope, onChange, onReset, onKeep, keeping }: ScopeBarProps) {
  const { t } = useTranslation();
  const segments = useSegments().data ?? [];
  return (
    <div className="row scope-bar">
      <Chip
        label={t("condition.slot_window")}
        editor={(close) => (
          <>
            <RangeEditor allowAll={false} value={scope.range ?? MONTH} onChange={(range) => onChange({ ...scope, range })} />
            <TextButton onClick={() => { onChange({ ...scope, range: null }); close(); }}>{t("dashboards.own_range")}</TextButton>
          </>
        )}
      >
        {scope.range ? rangeText(scope.range, t) : t("dashboards.own_range")}
      </Chip>
      <Pick
        allowClear
        style={{ minWidth: 150 }}
        placeholder={t("dashboards.own_segment")}
        aria-label={t("nav.segments")}
        options={segments.map((segment) => ({ value: segment.id, label: segment.name }))}
        value={scope.segment}
        onChange={(segment: number | undefined) => onChange({ ...scope, segment: segment ?? null })}
      />
      {!isKept(dashboard, scope) && (
        <>
          {onKeep && <Button size="small" loading={keeping} onClick={onKeep}>{t("dashboards.keep_scope")}</Button>}
          <TextButton onClick={onReset}>{t("dashboards.reset_scope")}</TextButton>
        </>
      )}
    </div>
  );
}
