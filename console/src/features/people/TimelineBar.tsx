/** What of a timeline is shown: kinds, events, a text, and from which day on. */
import { Search as SearchIcon, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { TimelineOutline } from "../../api/types";
import { useNames } from "../../app/names";
import { usePageSearch } from "../../app/router";
import { useTyped } from "../../app/useTyped";
import { Input, Num, Pick, TextButton, useFormats } from "../../ui";
import { dayEnd } from "./days";
import { columns, type Column } from "./sessions";

const COLUMNS_MAX = 72;

export function TimelineBar({ outline }: { outline: TimelineOutline }) {
  const { t } = useTranslation();
  const names = useNames();
  const [search, setSearch] = usePageSearch();
  const [text, type] = useTyped(search.text ?? "", (next) => setSearch({ text: next || undefined }));
  const chosen = new Set(search.kinds?.split(",").filter((kind) => kind !== "") ?? []);
  const toggle = (kind: string) => {
    const next = chosen.has(kind) ? [...chosen].filter((one) => one !== kind) : [...chosen, kind];
    setSearch({ kinds: next.length === 0 ? undefined : next.join(","), event: undefined });
  };
  return (
    <div className="did-bar">
      <Density outline={outline} />
      <div className="row">
        <div className="kinds" role="group" aria-label={t("people.kinds_label")}>
          {outline.kinds.map(({ kind, count }) => (
            <button key={kind} type="button" aria-pressed={chosen.has(kind)} onClick={() => toggle(kind)}>
              {t(`people.kinds.${kind}`)} <span className="muted"><Num value={count} compact /></span>
            </button>
          ))}
        </div>
        <span className="grow" />
        <span className="did-filters">
          <Pick
            allowClear
            size="small"
            style={{ width: 132 }}
            placeholder={t("data.any_event")}
            aria-label={t("data.event")}
            options={outline.events.map((one) => ({ value: one.event, label: names.event(one.event), keywords: one.event }))}
            value={search.event}
            onChange={(event: string | undefined) => setSearch({ event, kinds: undefined })}
          />
          <Input
            allowClear
            size="small"
            style={{ width: 132 }}
            prefix={<SearchIcon size={13} aria-hidden />}
            placeholder={t("people.timeline_search")}
            aria-label={t("people.timeline_search")}
            value={text}
            onChange={(event) => type(event.target.value)}
          />
        </span>
      </div>
    </div>
  );
}

/** How much happened when; a click goes there. */
function Density({ outline }: { outline: TimelineOutline }) {
  const { t } = useTranslation();
  const format = useFormats();
  const [search, setSearch] = usePageSearch();
  const all = columns(outline.days, COLUMNS_MAX);
  const most = Math.max(1, ...all.map((column) => column.count));
  const last = outline.days.at(-1)?.date ?? "";
  const shown = search.before === undefined ? last : format.date(new Date(search.before).getTime() - 1);
  const jump = (day: string) => setSearch({ before: day === "" || day >= last ? undefined : dayEnd(day, format.zone) });
  const title = (column: Column) => `${column.from === column.to ? column.from : `${column.from} – ${column.to}`} · ${format.number(column.count)}`;
  return (
    <div className="density">
      <div className="density-columns">
        {all.map((column) => (
          <button key={column.from} type="button" tabIndex={-1} title={title(column)} aria-label={title(column)} className={column.from <= shown ? undefined : "density-after"} onClick={() => jump(column.to)}>
            <span style={{ height: column.count === 0 ? 0 : `${Math.max(8, Math.sqrt(column.count / most) * 100)}%` }} />
          </button>
        ))}
      </div>
      <div className="density-scale small muted">
        <span className="num">{all[0]?.from}</span>
        <span className="row row-tight">
          <label className="density-jump">
            {t("people.jump")} <input type="date" value={shown} min={all[0]?.from} max={last} onChange={(event) => jump(event.target.value)} />
          </label>
          {search.before !== undefined && <TextButton className="small" onClick={() => setSearch({ before: undefined })}><X size={12} aria-hidden /> {t("people.to_now")}</TextButton>}
        </span>
        <span className="num">{last}</span>
      </div>
    </div>
  );
}
