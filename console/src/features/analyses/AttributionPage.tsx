/** To which touches conversions are owed, by several models side by side. The address holds the question. */
import { Plus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { AttributionModel, AttributionQuery, AttributionTouch } from "../../api/types";
import { usePropertyOptions } from "../../condition";
import { Button, Checkbox, ManyValues, Pick } from "../../ui";
import { AttributionAnswer } from "./AttributionAnswer";
import { DurationPick } from "./DurationPick";
import { EventRow } from "./EventRow";
import { GainRow } from "./GainRow";
import { NumberPick } from "./NumberPick";
import { Scope } from "./Scope";
import { useQuestion, Workbench } from "./Workbench";

const TOUCHES_MAX = 20;
const DAY_SECONDS = 86_400;
const MODELS: AttributionModel[] = [
  { kind: "first" },
  { kind: "last" },
  { kind: "last_non_direct" },
  { kind: "linear" },
  { kind: "position", first: 40, last: 40 },
  { kind: "time_decay", half_life_seconds: 7 * DAY_SECONDS },
  { kind: "markov" },
  { kind: "shapley" },
];

interface FormProps {
  query: AttributionQuery;
  change: (query: AttributionQuery) => void;
}

export default function AttributionPage() {
  const { t } = useTranslation();
  const [query, change] = useQuestion("attribution");
  const setTouch = (index: number, touch: AttributionTouch) => change({ ...query, touches: query.touches.with(index, touch) });
  const form = (
    <>
      <GainRow bare mark="◎" value={query.target} onChange={(target) => change({ ...query, target, link: target.kind === "orders" ? undefined : query.link })}>
        <span className="help">{t("analyses.attribution_target")}</span>
      </GainRow>
      {query.touches.map((touch, index) => (
        <Touch key={index} mark={index + 1} value={touch} onChange={(next) => setTouch(index, next)} onRemove={query.touches.length > 1 ? () => change({ ...query, touches: query.touches.filter((_, at) => at !== index) }) : undefined} />
      ))}
      <div className="query-scope">
        <Button size="small" icon={<Plus size={14} />} disabled={query.touches.length >= TOUCHES_MAX} onClick={() => change({ ...query, touches: [...query.touches, { event: "", filters: [], direct: false }] })}>{t("analyses.add_touch")}</Button>
        <Scope value={query} onChange={change} />
        <span className="grow" />
        <Models query={query} change={change} />
      </div>
      <Options query={query} change={change} />
    </>
  );
  return (
    <Workbench kind="attribution" query={query} form={form} empty={t("analyses.choose_touches")}>
      {(result) => <AttributionAnswer query={query} result={result} />}
    </Workbench>
  );
}

interface TouchProps {
  mark: number;
  value: AttributionTouch;
  onChange: (touch: AttributionTouch) => void;
  onRemove?: () => void;
}

function Touch({ mark, value, onChange, onRemove }: TouchProps) {
  const { t } = useTranslation();
  const properties = usePropertyOptions(value.event);
  return (
    <EventRow mark={mark} value={value} open={value.event === ""} onRemove={onRemove} onChange={(touch) => onChange(touch.event === value.event ? touch : { ...touch, property: undefined })}>
      <Pick allowClear aria-label={t("analyses.touch_property")} placeholder={t("analyses.touch_property")} style={{ minWidth: 130 }} value={value.property} onChange={(property: string | undefined) => onChange({ ...value, property })} options={properties} />
      <Checkbox checked={value.direct} onChange={(event) => onChange({ ...value, direct: event.target.checked })}>{t("analyses.direct")}</Checkbox>
    </EventRow>
  );
}

/** Which models are compared, and the settings of those that have some. */
function Models({ query, change }: FormProps) {
  const { t } = useTranslation();
  const set = (model: AttributionModel) => change({ ...query, models: query.models.map((own) => (own.kind === model.kind ? model : own)) });
  const choose = (kinds: AttributionModel["kind"][]) => kinds.length > 0 && change({ ...query, models: MODELS.filter((model) => kinds.includes(model.kind)).map((model) => query.models.find((own) => own.kind === model.kind) ?? model) });
  const position = query.models.find((model) => model.kind === "position");
  const decay = query.models.find((model) => model.kind === "time_decay");
  return (
    <>
      {MODELS.map(({ kind }) => (
        <Checkbox
          key={kind}
          checked={query.models.some((model) => model.kind === kind)}
          onChange={(event) => choose(event.target.checked ? [...query.models.map((model) => model.kind), kind] : query.models.map((model) => model.kind).filter((own) => own !== kind))}
        >
          {t(`analyses.model_${kind}`)}
        </Checkbox>
      ))}
      {position && <NumberPick label={t("analyses.position_first")} value={position.first} least={0} most={100 - position.last} onChange={(first) => set({ ...position, first })} />}
      {position && <NumberPick label={t("analyses.position_last")} value={position.last} least={0} most={100 - position.first} onChange={(last) => set({ ...position, last })} />}
      {decay && <DurationPick label={t("analyses.half_life")} value={decay.half_life_seconds} onChange={(seconds) => set({ ...decay, half_life_seconds: seconds })} />}
    </>
  );
}

function Options({ query, change }: FormProps) {
  const { t } = useTranslation();
  const properties = usePropertyOptions(query.target.kind === "event" ? query.target.event.event : "");
  const { direct } = query;
  const byValue = query.touches.some((touch) => touch.property);
  return (
    <div className="query-scope">
      <DurationPick label={t("analyses.look_back")} value={query.window_seconds} onChange={(seconds) => change({ ...query, window_seconds: seconds })} />
      {query.target.kind === "event" && <Pick allowClear aria-label={t("analyses.link")} placeholder={t("analyses.link")} style={{ minWidth: 130 }} value={query.link} onChange={(link: string | undefined) => change({ ...query, link })} options={properties} />}
      {byValue && (
        <span className="row row-tight">
          <span className="help">{t("analyses.direct_values")}</span>
          <span style={{ minWidth: 160 }}><ManyValues ariaLabel={t("analyses.direct_values")} placeholder={t("analyses.direct_example")} value={direct.values} options={[]} onChange={(values) => change({ ...query, direct: { ...direct, values } })} /></span>
        </span>
      )}
      {byValue && <Checkbox checked={direct.missing} onChange={(event) => change({ ...query, direct: { ...direct, missing: event.target.checked } })}>{t("analyses.direct_missing")}</Checkbox>}
      <Checkbox checked={direct.skipped} onChange={(event) => change({ ...query, direct: { ...direct, skipped: event.target.checked } })}>{t("analyses.direct_skipped")}</Checkbox>
      <Checkbox checked={query.consume} onChange={(event) => change({ ...query, consume: event.target.checked })}>{t("analyses.consume")}</Checkbox>
      <Checkbox checked={query.collapse} onChange={(event) => change({ ...query, collapse: event.target.checked })}>{t("analyses.collapse")}</Checkbox>
    </div>
  );
}
