/** Entries of a timeline, by day and visit. Days far from what is seen are not drawn by the browser. */
import { Activity, BadgeCheck, Fingerprint, MessageSquare, ShoppingBag, StickyNote, type LucideIcon } from "lucide-react";
import type { TFunction } from "i18next";
import { memo, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { TimelineItem } from "../../api/types";
import { useNames, type Names } from "../../app/names";
import { Ago, TextButton, useFormats, type Formats } from "../../ui";
import { EventDetail } from "../data/EventDetail";
import { Reveal } from "../personal/Reveal";
import { remembered } from "./days";
import { folded, frequent, grouped, lasted, type Block, type Day } from "./sessions";

/** More entries of a visit are folded away. */
const FOLDED_FROM = 8;
const SHOWN_FOLDED = 5;
const PROPS_SHOWN = 3;
/** A shorter visit has no length worth telling. */
const SHORT_MILLIS = 1_000;

const ICONS: Record<TimelineItem["kind"], LucideIcon> = {
  event: Activity,
  order: ShoppingBag,
  message: MessageSquare,
  consent: BadgeCheck,
  identity: Fingerprint,
  note: StickyNote,
};

/** What every entry needs, asked for once. */
interface Words {
  person: number;
  t: TFunction;
  names: Names;
  format: Formats;
}

export function TimelineDays({ person, items }: { person: number; items: TimelineItem[] }) {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const words = useMemo(() => ({ person, t, names, format }), [person, t, names, format]);
  const dayOf = useMemo(() => remembered(format.date), [format]);
  const days = useMemo(() => grouped(items, dayOf), [items, dayOf]);
  return <div className="days">{days.map((day) => <DaySection key={day.day} day={day} words={words} />)}</div>;
}

/** A further page adds to the last day only; the days before it are not drawn anew. */
const DaySection = memo(OneDay, (before, after) => {
  const [a, b] = [before.day, after.day];
  return before.words === after.words && a.day === b.day && a.count === b.count && a.blocks[0]?.items[0] === b.blocks[0]?.items[0];
});

function OneDay({ day, words }: { day: Day; words: Words }) {
  return (
    <section className="day">
      <h3><span className="num">{day.day}</span> <span className="muted">{words.format.weekday(day.day)} · {words.t("people.entries", { count: day.count })}</span></h3>
      {day.blocks.map((block) => <Visit key={block.items[0]?.key} block={block} words={words} />)}
    </section>
  );
}

function Visit({ block, words }: { block: Block; words: Words }) {
  const { t, names, format } = words;
  const [open, setOpen] = useState(block.items.length <= FOLDED_FROM);
  const shown = open ? block.items : folded(block.items, SHOWN_FOLDED);
  const hidden = block.items.length - shown.length;
  const many = block.session !== null && block.items.length > 1;
  return (
    <div className={many ? "visit visit-many" : "visit"}>
      {many && (
        <p className="visit-head small muted">
          {[
            t("people.visit", { count: block.items.length }),
            ...(lasted(block) >= SHORT_MILLIS ? [format.duration(lasted(block))] : []),
            ...frequent(block, 3).map(([event, count]) => `${names.event(event)} ${count}`),
          ].join(" · ")}
        </p>
      )}
      <ul>{shown.map((item) => <Entry key={item.key} item={item} words={words} />)}</ul>
      {hidden > 0 && <TextButton className="small visit-more" onClick={() => setOpen(true)}>{t("people.more", { count: hidden })}</TextButton>}
    </div>
  );
}

function Entry({ item, words }: { item: TimelineItem; words: Words }) {
  const { format } = words;
  const { title, text } = sentence(item, words);
  const [open, setOpen] = useState(false);
  const Icon = ICONS[item.kind];
  const amount = item.event?.props.amount_minor;
  const line = (
    <>
      <time className="num muted">{format.time(item.at).slice(0, 5)}</time>
      <span className={`entry-icon entry-${item.kind}`} aria-hidden><Icon size={13} strokeWidth={2} /></span>
      <span className="entry-text"><strong>{title}</strong> <span className="muted">{text}</span></span>
      {item.kind === "order" && typeof amount === "number" && <span className="entry-amount num">{format.money(item.event?.name === "order_refunded" ? -amount : amount)}</span>}
    </>
  );
  if (item.note) {
    return (
      <li className="entry">
        <div className="entry-line">{line}</div>
        <blockquote className="note-quote">{item.note.text}<footer className="small muted">{item.note.author} · <Ago at={item.note.created_at} /></footer></blockquote>
      </li>
    );
  }
  if (!item.event) return <li className="entry"><div className="entry-line">{line}</div></li>;
  return (
    <li className="entry">
      <button type="button" className="entry-line" aria-expanded={open} onClick={() => setOpen(!open)}>{line}</button>
      {open && <div className="entry-detail"><MaskedDetail event={item.event} person={words.person} /><p className="small muted">{item.event.source} · {format.dateTime(item.at)} · #{item.event.seq}</p></div>}
    </li>
  );
}

/** An event whose masked properties can be revealed. */
function MaskedDetail({ event, person }: { event: NonNullable<TimelineItem["event"]>; person: number }) {
  return <EventDetail props={event.props} masked={(name, value) => (event.masked.includes(name) ? <Reveal person={person} kind="property" name={name} event={event.seq} masked={value} /> : null)} />;
}

/** What an entry is called, and the rest of its sentence. */
function sentence(item: TimelineItem, { t, names }: Words): { title: string; text: string } {
  if (item.event) {
    const { name, props } = item.event;
    const entries = Object.entries(props).filter(([property]) => !(item.kind === "order" && property === "amount_minor") && property !== "send_id");
    const shown = entries.slice(0, PROPS_SHOWN).map(([property, value]) => `${names.property(property)} ${names.value(property, value)}`);
    return { title: names.event(name), text: shown.join(" · ") };
  }
  if (item.consent) {
    const { state, channel, purpose, source } = item.consent;
    const word = t(`people.consent_states.${state as "granted"}`, { defaultValue: state });
    return { title: word, text: [t(`campaigns.channel_${channel as "email"}`, { defaultValue: channel }), purpose, source].join(" · ") };
  }
  if (item.identity) {
    const [a, b] = item.identity.identifiers;
    const called = (id: typeof a) => (id ? `${names.namespace(id.namespace)} ${id.value}` : "");
    return { title: t(item.identity.active ? "people.linked" : "people.unlinked"), text: `${called(a)} ↔ ${called(b)} · ${item.identity.source}` };
  }
  return { title: t("people.note_by"), text: "" };
}
