/** Who somebody is at a glance, and what they are worth. */
import { useTranslation } from "react-i18next";
import type { Person } from "../../api/types";
import { personTitle, useNames } from "../../app/names";
import { Ago, DateTime, Money, Num, Popover, Stat, Status, type Tone } from "../../ui";
import { Reveal } from "../personal/Reveal";

type Lifecycle = NonNullable<Person["lifecycle"]>;

const STAGE_TONES: Record<Lifecycle["stage"], Tone> = { new: "info", active: "success", cooling: "warning", lost: "neutral" };

/** Its first sign, as a mark. */
export function Mark({ person }: { person: Person }) {
  const sign = [...personTitle(person).replace(/^[#+\s]+/, "")][0] ?? "#";
  return <span className={`mark mark-${person.person % 6}`} aria-hidden>{sign.toUpperCase()}</span>;
}

export function PersonHead({ person }: { person: Person }) {
  const { t } = useTranslation();
  const names = useNames();
  const title = personTitle(person);
  const { stats } = person;
  const shown = person.identifiers.filter((id) => id.namespace !== "device" && id.value !== title);
  const city = ["province", "city"].map((name) => person.attributes[name]).filter((value) => typeof value === "string" && value !== "");
  return (
    <div className="person-head">
      <Mark person={person} />
      <div className="person-who">
        <div className="row person-chips">
          {person.lifecycle && <Stage lifecycle={person.lifecycle} />}
          {person.tags.filter((tag) => tag.rfm).map((tag) => <span key={tag.id} className="label tone-brand" title={tag.name}>{names.tagValue(tag.value)}</span>)}
          {shown.slice(0, 3).map((id) => <span key={`${id.namespace}:${id.value}`} className="person-id" title={names.namespace(id.namespace)}>{person.masked_identifiers.includes(id.namespace) ? <Reveal person={person.person} kind="identifier" name={id.namespace} at={person.identifiers.filter((other) => other.namespace === id.namespace).indexOf(id)} masked={id.value} /> : id.value}</span>)}
          {city.length > 0 && <span className="muted">{city.join(" · ")}</span>}
        </div>
        {stats.first_seen ? (
          <p className="small muted">
            {t("people.seen_first")} <DateTime at={stats.first_seen} />{stats.first_source && ` · ${stats.first_source}`}
            <span className="person-dot" aria-hidden />
            {t("people.seen_last")} <Ago at={stats.last_seen} />{stats.last_source && ` · ${stats.last_source}`}
          </p>
        ) : (
          <p className="small muted">{t("people.never_seen")}</p>
        )}
      </div>
    </div>
  );
}

/** The stage of life; opens the rule behind it. */
export function Stage({ lifecycle }: { lifecycle: Lifecycle }) {
  const { t } = useTranslation();
  const { stage, basis, days, new_days, active_days, cooling_days } = lifecycle;
  const rules: [Lifecycle["stage"], string][] = [
    ["new", t("people.stage_rules.new", { days: new_days })],
    ["active", t("people.stage_rules.active", { days: active_days })],
    ["cooling", t("people.stage_rules.cooling", { from: active_days, to: cooling_days })],
    ["lost", t("people.stage_rules.lost", { days: cooling_days })],
  ];
  const rule = (
    <div className="stage-rule">
      <p>{t(`people.stage_basis.${basis}`, { count: days })}</p>
      <dl className="pairs">
        {rules.map(([name, text]) => (
          <div key={name} className={name === stage ? "stage-on" : undefined}>
            <dt><Status tone={STAGE_TONES[name]}>{t(`people.stages.${name}`)}</Status></dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
  return (
    <Popover content={rule} trigger="click" placement="bottomLeft" arrow={false}>
      <button type="button" className="stage" title={t("people.stage_help")}><Status tone={STAGE_TONES[stage]}>{t(`people.stages.${stage}`)}</Status></button>
    </Popover>
  );
}

export function ValueStrip({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { value, stats } = person;
  return (
    <div className="stats value-strip">
      <Stat label={t("people.net")} note={value.refunded_minor > 0 ? <>{t("people.refunded")} <Money minor={value.refunded_minor} /></> : undefined}><Money minor={value.net_minor} /></Stat>
      <Stat label={t("people.orders")} note={value.refunded_orders > 0 ? t("people.refunded_orders", { count: value.refunded_orders }) : undefined}><Num value={value.orders} /></Stat>
      <Stat label={t("people.average")}><Money minor={value.average_minor} /></Stat>
      <Stat label={t("people.last_order")} note={value.last_order ? <DateTime at={value.last_order} /> : undefined}>{value.days_since === null || value.days_since === undefined ? <span className="muted">–</span> : t("people.days_ago", { count: value.days_since })}</Stat>
      <Stat label={t("people.events")} note={stats.last_seen ? <>{t("people.last_seen")} <Ago at={stats.last_seen} /></> : undefined}><Num value={stats.events} compact /></Stat>
    </div>
  );
}
