/** Everything that was set aside: to mend and give back, or to discard. */
import { PackageCheck, Trash2, Undo2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { AsideReason, QuarantineItem } from "../../api/types";
import { useSession } from "../../app/session";
import { useDebounced } from "../../app/useDebounced";
import { ListTable, type Column } from "../../table";
import { Button, CodeBlock, DateTime, Empty, FilteredEmpty, IconButton, Input, Label, Page, Pick, Status, useFormats, type Tone } from "../../ui";
import { REASONS, UNUSABLE, usePlanOverview, useReason, useSubjectTitle } from "./plan";
import { LetIn } from "../quality/Stages";
import { ReplayDialog, useDiscard, type QuarantineFilter } from "./Replay";

const ALL = "all";
const STATES = ["open", "replayed", "discarded"] as const;
const WINDOWS = { last_hour: 1, last_day: 24, last_week: 168 } as const;
const HOUR_MILLIS = 3_600_000;
const STATE_TONES: Record<QuarantineItem["state"], Tone> = { open: "warning", replayed: "success", discarded: "neutral" };

export default function QuarantinePage() {
  const { t } = useTranslation();
  return <Page title={t("nav.rejects")} description={t("plan.quarantine_help")}><Aside /></Page>;
}

function Aside() {
  const { t } = useTranslation();
  const { may } = useSession();
  const title = useSubjectTitle();
  const because = useReason();
  const discard = useDiscard();
  const [reason, setReason] = useState<AsideReason | typeof ALL>(ALL);
  const [state, setState] = useState<(typeof STATES)[number] | typeof ALL>("open");
  const [subject, setSubject] = useState("");
  const [source, setSource] = useState("");
  const [text, setText] = useState("");
  const [span, setSpan] = useState<keyof typeof WINDOWS | typeof ALL>(ALL);
  const [from, setFrom] = useState<string | null>(null);
  const [replaying, setReplaying] = useState<QuarantineFilter | null>(null);
  const filter: QuarantineFilter = { reason: reason === ALL ? null : reason, subject: useDebounced(subject, 300) || null, source: useDebounced(source, 300) || null, from };
  const list = useList<QuarantineItem>("/plan/quarantine", { reason: filter.reason, subject: filter.subject, source: filter.source, from, query: useDebounced(text, 300), state: state === ALL ? null : state });
  const filtered = reason !== ALL || state !== "open" || subject !== "" || source !== "" || text !== "" || span !== ALL;
  // An instant, not a span: the list and a replay of it mean the same records.
  const within = (next: typeof span) => {
    setSpan(next);
    setFrom(next === ALL ? null : new Date(Date.now() - WINDOWS[next] * HOUR_MILLIS).toISOString());
  };
  const clear = () => {
    within(ALL);
    setReason(ALL);
    setState("open");
    setSubject("");
    setSource("");
    setText("");
  };
  const columns: Column<QuarantineItem>[] = [
    {
      key: "reason",
      title: t("plan.reason"),
      cell: (row) => <div className="cell-title"><strong>{because(row.reason)}</strong><span>{row.field !== "" && <code>{row.field}</code>}</span></div>,
    },
    { key: "subject", title: t("plan.event_filter"), cell: (row) => (row.subject === "" && row.kind === "event" ? <span className="muted">{t("plan.unread")}</span> : title({ kind: row.kind, name: row.subject })) },
    { key: "state", title: t("plan.status"), wideOnly: true, cell: (row) => <Status tone={STATE_TONES[row.state]}>{t(`plan.states.${row.state}`)}</Status> },
    { key: "source", title: t("data.source"), wideOnly: true, cell: (row) => <Label>{row.source}</Label> },
    { key: "at", title: t("data.received"), wideOnly: true, cell: (row) => <DateTime at={row.received_at} /> },
  ];
  if (may("data.write")) {
    columns.push({ key: "replay", title: "", align: "end", width: 48, cell: (row) => row.state === "open" && row.replayable && <IconButton label={t("plan.replay")} icon={<Undo2 size={14} />} onClick={() => setReplaying({ entries: [row.seq], reason: row.reason })} /> });
  }
  return (
    <>
      <Room />
      <ListTable
        label={t("nav.rejects")}
        list={list}
        columns={columns}
        rowKey={(row) => row.seq}
        expand={(row) => <Kept row={row} />}
        toolbar={
          <>
            <Pick aria-label={t("plan.reason")} value={reason} onChange={setReason} options={[{ value: ALL, label: t("plan.all_reasons") }, ...[...REASONS, ...UNUSABLE].map((value) => ({ value, label: because(value) }))]} />
            <Pick aria-label={t("plan.status")} value={state} onChange={setState} options={[...STATES.map((value) => ({ value, label: t(`plan.states.${value}`) })), { value: ALL, label: t("plan.all_states") }]} />
            <Pick aria-label={t("plan.received_within")} value={span} onChange={within} options={[{ value: ALL, label: t("plan.any_time") }, ...(["last_hour", "last_day", "last_week"] as const).map((value) => ({ value, label: t(`plan.${value}`) }))]} />
            <Input allowClear style={{ width: 140 }} placeholder={t("plan.event_filter")} aria-label={t("plan.event_filter")} value={subject} onChange={(event) => setSubject(event.target.value)} />
            <Input allowClear style={{ width: 120 }} placeholder={t("plan.source_filter")} aria-label={t("plan.source_filter")} value={source} onChange={(event) => setSource(event.target.value)} />
            {may("people.read_personal") && <Input allowClear style={{ width: 180 }} placeholder={t("plan.search_record")} aria-label={t("plan.search_record")} value={text} onChange={(event) => setText(event.target.value)} />}
            {may("data.write") && (list.items?.some((row) => row.state === "open") ?? false) && text === "" && (
              <>
                <Button type="primary" icon={<Undo2 size={14} />} onClick={() => setReplaying(filter)}>{t("plan.replay")}</Button>
                <Button icon={<Trash2 size={14} />} onClick={() => discard(filter)}>{t("plan.discard")}</Button>
              </>
            )}
          </>
        }
        empty={
          filtered ? <FilteredEmpty onClear={clear} /> : <Empty icon={<PackageCheck size={28} strokeWidth={1.5} />} title={t("plan.quarantine_empty")}>{t("plan.quarantine_empty_text")}</Empty>
        }
      />
      {replaying && <ReplayDialog filter={replaying} onClose={() => setReplaying(null)} />}
    </>
  );
}

/** How much room is taken, and what had to go. */
function Room() {
  const { t } = useTranslation();
  const format = useFormats();
  const quarantine = usePlanOverview().data?.quarantine;
  if (!quarantine || quarantine.bytes === 0) return null;
  const megabytes = (bytes: number) => `${format.number(Math.ceil(bytes / 1_048_576))} MB`;
  return (
    <>
      <p className="help">{t("plan.space", { used: megabytes(quarantine.bytes), max: megabytes(quarantine.bytes_max) })}</p>
      {quarantine.dropped > 0 && <div className="note tone-warning"><p>{t("plan.dropped", { count: quarantine.dropped })}</p></div>}
    </>
  );
}

/** What is kept of a record, as far as one may see it. */
export function Kept({ row }: { row: QuarantineItem }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const content = row.record ? JSON.stringify(row.record, null, 2) : row.excerpt;
  return (
    <div className="stack stack-tight">
      {row.message !== "" && <p className="help">{row.protocol} · <code>{row.message}</code></p>}
      {!row.whole && <p className="help">{t("plan.keys_only")}</p>}
      {content ? <CodeBlock code={content} /> : <p className="help">{may("people.read_personal") ? t("plan.gone_record") : t("plan.no_record")}</p>}
      {row.state === "open" && !row.replayable && <p className="help">{t("plan.excerpt_only")}</p>}
      {row.state !== "open" && <p className="help">{t(`plan.states.${row.state}`)} {row.settled_at && <DateTime at={row.settled_at} />}</p>}
      {row.state === "open" && (row.reason === "future_time" || row.reason === "past_time") && <LetIn number={row.seq} />}
    </div>
  );
}
