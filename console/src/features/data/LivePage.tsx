/** What is arriving right now. */
import { useQuery } from "@tanstack/react-query";
import { Pause, Play, Radio } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEventNames } from "../../api/catalog";
import { get } from "../../api/client";
import type { LiveEvent } from "../../api/types";
import { useNames } from "../../app/names";
import { Link, usePageSearch } from "../../app/router";
import { paths } from "../../paths";
import { DataTable, type Column } from "../../table";
import { Ago, Button, Empty, FilteredEmpty, Input, InputNumber, Label, Loaded, Page, Pick, Segmented, Status, useFormats } from "../../ui";
import { EventDetail, PropsLine } from "./EventDetail";
import { LiveRejects, useSeenSources } from "./LiveRejects";

const REFRESH_MILLIS = 2_000;

export default function LivePage() {
  const { t } = useTranslation();
  const names = useNames();
  const format = useFormats();
  const [search, setSearch] = usePageSearch();
  const [running, setRunning] = useState(true);
  const events = useEventNames().data ?? [];
  const rejects = search.tab === "rejects";
  const query = { event: search.event, person: search.person, source: search.source, identifier: search.identifier };
  const live = useQuery({
    queryKey: ["/events/live", query],
    queryFn: ({ signal }) => get<{ items: LiveEvent[] }>("/events/live", { query, signal }),
    refetchInterval: running ? REFRESH_MILLIS : false,
    placeholderData: (before) => before,
    enabled: !rejects,
  });
  const sources = useSeenSources();
  const columns: Column<LiveEvent>[] = [
    { key: "time", title: t("data.time"), width: 110, cell: (row) => <time className="num" title={format.dateTime(row.time)}>{format.time(row.time)}</time> },
    { key: "event", title: t("data.event"), cell: (row) => <span className="strong">{names.event(row.event)}</span> },
    { key: "person", title: t("data.person"), cell: (row) => <Link to={paths.person(row.person)}>{row.ids[0]?.value ?? `#${row.person}`}</Link> },
    { key: "props", title: t("data.properties"), wideOnly: true, cell: (row) => <PropsLine props={row.props} /> },
    { key: "source", title: t("data.source"), wideOnly: true, cell: (row) => <Label>{row.source}</Label> },
    { key: "received", title: t("data.received"), wideOnly: true, cell: (row) => <Ago at={row.received_at} /> },
  ];
  const filtered = Object.values(query).some((value) => value !== undefined);
  const clear = () => setSearch({ event: undefined, person: undefined, source: undefined, identifier: undefined });
  const what = <Segmented value={rejects ? "rejects" : "events"} onChange={(tab) => setSearch({ tab: tab === "rejects" ? tab : undefined })} options={[{ value: "events", label: t("data.live_events") }, { value: "rejects", label: t("data.live_rejects") }]} />;
  const bySource = (
    <Pick allowClear style={{ minWidth: 130 }} placeholder={t("data.any_source")} aria-label={t("data.source")} options={sources.map((source) => ({ value: source, label: source }))} value={search.source} onChange={(source: string | undefined) => setSearch({ source })} />
  );
  const toolbar = (
    <>
      {what}
      {bySource}
      <Input style={{ width: 190 }} allowClear placeholder={t("data.identifier")} aria-label={t("data.identifier")} value={search.identifier ?? ""} onChange={(event) => setSearch({ identifier: event.target.value || undefined })} />
      <Pick
        allowClear
        style={{ minWidth: 160 }}
        placeholder={t("data.any_event")}
        aria-label={t("data.event")}
        options={events.map((event) => ({ value: event.name, label: names.event(event.name), keywords: event.name }))}
        value={search.event}
        onChange={(event: string | undefined) => setSearch({ event })}
      />
      <InputNumber style={{ width: 150 }} min={1} precision={0} placeholder={t("data.person_number")} aria-label={t("data.person_number")} value={search.person ?? null} onChange={(person) => setSearch({ person: person ?? undefined })} />
    </>
  );
  return (
    <Page
      title={t("nav.live")}
      description={t("data.live_help")}
      status={<Status tone={running ? "success" : "neutral"}>{t(running ? "data.live_on" : "data.live_off")}</Status>}
      primary={<Button icon={running ? <Pause size={14} /> : <Play size={14} />} onClick={() => setRunning(!running)}>{t(running ? "data.pause" : "data.resume")}</Button>}
    >
      <p className="help"><Link to={paths.trace}>{t("data.trace_link")}</Link></p>
      {rejects ? <LiveRejects running={running} source={search.source} toolbar={<>{what}{bySource}</>} /> : (
      <Loaded query={live}>
        {({ items }) =>
          items.length === 0 ? (
            <div className="table-frame">
              <div className="table-toolbar">{toolbar}</div>
              {filtered ? (
                <FilteredEmpty onClear={clear} />
              ) : (
                <Empty icon={<Radio size={28} strokeWidth={1.5} />} title={t("data.live_empty")} action={<Link to={paths.sources}>{t("overview.step_source")}</Link>}>{t("data.live_empty_text")}</Empty>
              )}
            </div>
          ) : (
            <DataTable label={t("nav.live")} columns={columns} rows={items} rowKey={(row) => row.seq} toolbar={toolbar} expand={(row) => <EventDetail ids={row.ids} props={row.props} />} />
          )
        }
      </Loaded>
      )}
    </Page>
  );
}
