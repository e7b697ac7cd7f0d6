/** When an alert fires and how often it is looked at, with what it would find now. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import type { Alert, AlertFinding, AlertMeasure, AlertRhythm, AlertRule, AnalysisCell, Receiver, TrendCompare } from "../../api/types";
import { useDebounced } from "../../app/useDebounced";
import { Field, Form, useForm, useRules, failed } from "../../form";
import { Input, InputNumber, Pick, Segmented, Status, useErrorText, useFormats } from "../../ui";
import { receiverErrors } from "./receivers";
import { TellFields } from "./TellFields";
import { TellTest } from "./TellTest";
import { measuresOf, partsOf, unitOf } from "./watching";
import { hourName, TONES, useAlertWords } from "./words";

const NAME_CHARS_MAX = 100;
const SETTLED_MILLIS = 350;
const MORNING = 8;
const USUAL_PERCENT = 30;
const KINDS = ["above", "below", "changes"] as const;
const RHYTHMS = ["hourly", "daily", "weekly"] as const;
const AGAINST: TrendCompare[] = ["previous", "week", "month", "year"];
const HOURS = Array.from({ length: 24 }, (_, hour) => ({ value: hour, label: hourName(hour) }));
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];

export interface AlertDraft {
  name: string;
  measure: AlertMeasure;
  rule: AlertRule;
  rhythm: AlertRhythm;
  tell: Receiver[];
}

interface AlertFormProps {
  cell: AnalysisCell;
  /** The one that is edited. */
  alert?: Alert;
  /** Of a new one. */
  name?: string;
  submitLabel: string;
  submit: (draft: AlertDraft) => Promise<unknown>;
  onDone: () => void;
}

export function AlertForm({ cell, alert, name = "", submitLabel, submit, onDone }: AlertFormProps) {
  const { t } = useTranslation();
  const rules = useRules();
  const words = useAlertWords();
  const measures = measuresOf(cell);
  const fresh: AlertDraft = { name: name.slice(0, NAME_CHARS_MAX), measure: measures[0] ?? "people", rule: { kind: "changes", percent: USUAL_PERCENT, direction: "either", against: "week" }, rhythm: { kind: "daily", hour: MORNING }, tell: [] };
  const form = useForm<AlertDraft>({
    initial: alert ? { name: alert.name, measure: alert.measure, rule: alert.rule, rhythm: alert.rhythm, tell: alert.tell } : fresh,
    validate: (values) => {
      const told = receiverErrors(values.tell, { required: rules.required, email: rules.email, url: t("alerts.tell_url"), twice: t("alerts.tell_twice") });
      return failed({ name: rules.required(values.name), ...told });
    },
    submit,
  });
  const { measure, rule, rhythm, tell } = form.values;
  return (
    <Form form={form} submitLabel={submitLabel} onDone={onDone}>
      <Field label={t("app.name")} error={form.errors.name}>
        {(control) => <Input {...control} autoFocus maxLength={NAME_CHARS_MAX} value={form.values.name} onChange={(event) => form.set("name", event.target.value)} />}
      </Field>
      {measures.length > 1 && !alert && (
        <Field label={t("alerts.what")} help={measure === "share" ? t("alerts.share_help") : undefined}>
          {() => <div><Segmented value={measure} onChange={(next) => form.set("measure", next)} options={measures.map((value) => ({ value, label: words.measure(value) }))} /></div>}
        </Field>
      )}
      <RuleFields cell={cell} measure={measure} value={rule} error={form.errors.rule} onChange={(next) => form.set("rule", next)} />
      <RhythmFields value={rhythm} error={form.errors.rhythm} onChange={(next) => form.set("rhythm", next)} />
      <Preview cell={cell} measure={measure} rule={rule} />
      <TellFields value={tell} errors={form.errors} onChange={(next) => form.set("tell", next)} />
      {alert && alert.tell.length > 0 && <TellTest id={alert.id} unsaved={JSON.stringify(tell) !== JSON.stringify(alert.tell)} />}
    </Form>
  );
}

interface RuleProps {
  cell: AnalysisCell;
  measure: AlertMeasure;
  value: AlertRule;
  error?: string;
  onChange: (rule: AlertRule) => void;
}

function RuleFields({ cell, measure, value, error, onChange }: RuleProps) {
  const { t } = useTranslation();
  const format = useFormats();
  const unit = unitOf(cell, measure);
  const parts = partsOf(unit, format.minorPerUnit);
  const pick = (kind: (typeof KINDS)[number]) =>
    onChange(kind === "changes" ? { kind, percent: USUAL_PERCENT, direction: "either", against: "week" } : { kind, number: value.kind === "changes" ? 0 : value.number });
  return (
    <Field label={t("alerts.when")} error={error}>
      {(control) => (
        <div className="stack stack-tight">
          <div><Segmented value={value.kind} onChange={pick} options={KINDS.map((kind) => ({ value: kind, label: t(`alerts.rule_${kind}`) }))} /></div>
          {value.kind === "changes" ? (
            <div className="row">
              <Pick aria-label={t("alerts.direction")} style={{ minWidth: 110 }} value={value.direction} onChange={(direction) => onChange({ ...value, direction })} options={(["either", "up", "down"] as const).map((one) => ({ value: one, label: t(`alerts.direction_${one}`) }))} />
              <InputNumber {...control} style={{ width: 120 }} min={0.1} max={100_000} suffix="%" aria-label={t("alerts.percent")} value={value.percent} onChange={(percent) => onChange({ ...value, percent: percent ?? USUAL_PERCENT })} />
              <Pick aria-label={t("alerts.against")} style={{ minWidth: 130 }} value={value.against} onChange={(against) => onChange({ ...value, against })} options={AGAINST.map((one) => ({ value: one, label: t(`alerts.than_${one}`) }))} />
            </div>
          ) : (
            <InputNumber {...control} style={{ width: 200 }} aria-label={t("alerts.number")} suffix={unit === "share" ? "%" : unit === "money" ? format.currency : undefined} value={Number((value.number / parts).toFixed(6))} onChange={(number) => onChange({ ...value, number: (number ?? 0) * parts })} />
          )}
        </div>
      )}
    </Field>
  );
}

function RhythmFields({ value, error, onChange }: { value: AlertRhythm; error?: string; onChange: (rhythm: AlertRhythm) => void }) {
  const { t } = useTranslation();
  const format = useFormats();
  const words = useAlertWords();
  const hour = value.kind === "hourly" ? MORNING : value.hour;
  const pick = (kind: (typeof RHYTHMS)[number]) => onChange(kind === "hourly" ? { kind } : kind === "daily" ? { kind, hour } : { kind, weekday: 1, hour });
  return (
    <Field label={t("alerts.rhythm")} help={t("alerts.rhythm_help", { zone: format.zone })} error={error}>
      {() => (
        <div className="row">
          <Segmented value={value.kind} onChange={pick} options={RHYTHMS.map((kind) => ({ value: kind, label: t(`alerts.rhythm_${kind}`) }))} />
          {value.kind === "weekly" && <Pick aria-label={t("alerts.weekday")} style={{ minWidth: 100 }} value={value.weekday} onChange={(weekday) => onChange({ ...value, weekday })} options={WEEKDAYS.map((day) => ({ value: day, label: words.weekday(day) }))} />}
          {value.kind !== "hourly" && <Pick aria-label={t("alerts.hour")} style={{ minWidth: 90 }} value={value.hour} onChange={(next) => onChange({ ...value, hour: next })} options={HOURS} />}
        </div>
      )}
    </Field>
  );
}

/** What it would find now, so that nobody keeps an alert that always fires. */
function Preview({ cell, measure, rule }: { cell: AnalysisCell; measure: AlertMeasure; rule: AlertRule }) {
  const { t } = useTranslation();
  const words = useAlertWords();
  const errorText = useErrorText();
  const body = useDebounced({ cell, measure, rule }, SETTLED_MILLIS);
  const key = JSON.stringify(body);
  const found = useQuery({ queryKey: ["/alerts", "preview", key], queryFn: ({ signal }) => post<AlertFinding>("/alerts/preview", body, { signal }), placeholderData: keepPreviousData });
  if (found.error) return <p className="field-error" role="alert">{errorText(found.error)}</p>;
  if (!found.data) return <p className="help">{t("app.loading")}</p>;
  return (
    <div className="alert-preview" role="status">
      <span className="help">{t("alerts.now", { days: words.days(found.data) })}</span>
      <span className="spread">
        <strong className="num">{words.found({ cell, measure }, found.data)}</strong>
        <Status tone={TONES[found.data.state]}>{t(`alerts.would_${found.data.state}`)}</Status>
      </span>
    </div>
  );
}
