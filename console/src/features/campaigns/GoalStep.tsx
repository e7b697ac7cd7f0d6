/** Step 3: how success is measured, and against whom. */
import { useTranslation } from "react-i18next";
import { useNames } from "../../app/names";
import { EventPicker, FilterChips } from "../../condition";
import { Field } from "../../form";
import { Checkbox, Chip, InputNumber, Panel } from "../../ui";
import type { StepProps } from "./CampaignEditor";
import { CONTROL_PERCENT_DEFAULT, GOAL_HOURS_DEFAULT } from "./draft";

const CONTROL_PERCENT_MAX = 50;
const GOAL_HOURS_MAX = 24 * 90;

export function GoalStep({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const names = useNames();
  const { goal } = draft;
  return (
    <div className="halves">
      <Panel title={t("campaigns.control_group")} help={t("campaigns.control_help")}>
        <div className="form">
          <Checkbox checked={draft.control_percent > 0} onChange={(event) => change({ control_percent: event.target.checked ? CONTROL_PERCENT_DEFAULT : 0 })}>{t("campaigns.with_control")}</Checkbox>
          {draft.control_percent > 0 ? (
            <Field label={t("campaigns.control_percent")} help={t("campaigns.control_percent_help")}>
              {(control) => <InputNumber {...control} min={1} max={CONTROL_PERCENT_MAX} suffix="%" style={{ width: 120 }} value={draft.control_percent} onChange={(percent) => typeof percent === "number" && change({ control_percent: percent })} />}
            </Field>
          ) : (
            <div className="note tone-warning"><p>{t("campaigns.no_control")}</p></div>
          )}
        </div>
      </Panel>
      <Panel title={t("campaigns.goal")} help={t("campaigns.goal_help")}>
        <div className="form">
          <Checkbox checked={goal !== null} onChange={(event) => change({ goal: event.target.checked ? { event: { event: "order_paid", filters: [] }, window_hours: GOAL_HOURS_DEFAULT } : null })}>{t("campaigns.with_goal")}</Checkbox>
          {goal && (
            <>
              <div className="row row-tight">
                <span className="help">{t("campaigns.goal_did")}</span>
                <Chip
                  label={t("condition.choose_event")}
                  missing={goal.event.event === ""}
                  editor={(close) => <EventPicker value={goal.event.event} onPick={(event) => { change({ goal: { ...goal, event: { event, filters: [] } } }); close(); }} />}
                >
                  {goal.event.event === "" ? t("condition.choose_event") : names.event(goal.event.event)}
                </Chip>
                <FilterChips event={goal.event.event} filters={goal.event.filters} onChange={(filters) => change({ goal: { ...goal, event: { ...goal.event, filters } } })} />
              </div>
              <Field label={t("campaigns.goal_within")}>
                {(control) => <InputNumber {...control} min={1} max={GOAL_HOURS_MAX} precision={0} suffix={t("analyses.unit_hours")} style={{ width: 150 }} value={goal.window_hours} onChange={(hours) => hours && change({ goal: { ...goal, window_hours: hours } })} />}
              </Field>
            </>
          )}
        </div>
      </Panel>
    </div>
  );
}
