/** Treated against control: the two rates, the difference with its interval, and whether it says anything yet. */
import { useTranslation } from "react-i18next";
import type { GoalResult, Lift, SampleCheck } from "../../api/types";
import { Money, Panel, TextButton, useFormats } from "../../ui";

interface LiftPanelProps {
  goal: GoalResult;
  sample: SampleCheck | null;
  onOpen: (metric: string) => void;
}

function rate(arm: { people: number; converted: number }): number {
  return arm.people > 0 ? arm.converted / arm.people : 0;
}

export function LiftPanel({ goal, sample, onOpen }: LiftPanelProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const { treated, control, lift } = goal;
  const max = Math.max(rate(treated), rate(control), 0.000_001);
  const arms = [
    { key: "treated" as const, arm: treated },
    { key: "control" as const, arm: control },
  ].filter(({ key, arm }) => key === "treated" || arm.people > 0);
  return (
    <Panel title={t("campaigns.lift")} help={t("campaigns.lift_help")}>
      <div className="stack">
        <div className="arms">
          {arms.map(({ key, arm }) => (
            <div key={key} className={`arm arm-${key}`}>
              <span className="strong">{t(`campaigns.arm_${key}`)}</span>
              <span className="arm-bar" aria-hidden><span style={{ width: `${(100 * rate(arm)) / max}%` }} /></span>
              <span className="num strong">{format.percent(rate(arm), 2)}</span>
              <span className="muted small">
                <TextButton onClick={() => onOpen(`converted_${key}`)}>{format.number(arm.converted)}</TextButton> / {format.number(arm.people)} · <Money minor={arm.revenue_minor} compact />
              </span>
            </div>
          ))}
        </div>
        {lift ? <LiftText lift={lift} /> : <div className="note tone-warning"><p>{t("campaigns.no_lift")}</p></div>}
        {!goal.complete && <p className="help">{t("campaigns.window_open")}</p>}
        {sample?.mismatch && <div className="note tone-danger"><p>{t("campaigns.sample_mismatch")}</p></div>}
      </div>
    </Panel>
  );
}

function LiftText({ lift }: { lift: Lift }) {
  const { t } = useTranslation();
  const format = useFormats();
  const points = (share: number) => `${share > 0 ? "+" : ""}${format.number(share * 100, 2)}`;
  const apart = lift.low > 0 || lift.high < 0;
  return (
    <div className="stack stack-tight">
      <div className="row">
        <span className="lift-number num">{points(lift.absolute)}</span>
        <span className="muted">{t("campaigns.points")}</span>
        {lift.relative !== null && lift.relative !== undefined && <span className="muted">({lift.relative > 0 ? "+" : ""}{format.percent(lift.relative)})</span>}
      </div>
      <Interval lift={lift} />
      <p className="help">{t("campaigns.interval", { low: points(lift.low), high: points(lift.high), p: lift.p_value < 0.001 ? "< 0.001" : `= ${format.number(lift.p_value, 3)}` })}</p>
      {lift.enough ? (
        <div className={`note ${apart ? "tone-success" : "tone-neutral"}`}><p>{t(apart ? (lift.absolute > 0 ? "campaigns.lift_up" : "campaigns.lift_down") : "campaigns.lift_none")}</p></div>
      ) : (
        <div className="note tone-warning"><p>{t("campaigns.not_enough")}</p></div>
      )}
    </div>
  );
}

/** The interval on a line with zero marked. */
function Interval({ lift }: { lift: Lift }) {
  const reach = Math.max(Math.abs(lift.low), Math.abs(lift.high), 0.000_001) * 1.15;
  const at = (share: number) => `${50 + (50 * share) / reach}%`;
  return (
    <div className="interval" aria-hidden>
      <span className="interval-zero" />
      <span className="interval-range" style={{ left: at(lift.low), right: `calc(100% - ${at(lift.high)})` }} />
      <span className="interval-point" style={{ left: at(lift.absolute) }} />
    </div>
  );
}
