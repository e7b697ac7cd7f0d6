/** How much, how late and how well every event of every source arrives. */
import { useQuery } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { QualitySeries, QualitySource, QualitySummary } from "../../api/types";
import { Link, usePageSearch } from "../../app/router";
import { Spark } from "../../chart/Spark";
import { paths } from "../../paths";
import { DataTable, type Column } from "../../table";
import { Ago, DateTime, Empty, Label, Loaded, Num, Page, Panel, Pick, Segmented, Stat, useFormats } from "../../ui";
import { AlertsNote } from "./AlertsNote";
import "./quality.css";
import { useQualityWords } from "./quality";
import { RulesPanel } from "./RulesPanel";
import { SeriesDrawer } from "./SeriesDrawer";

const REFRESH_MILLIS = 60_000;
const DAYS = [1, 7, 30] as const;

export default function QualityPage() {
  const { t } = useTranslation();
  const [days, setDays] = useState<number>(7);
  const summary = useQuery({
    queryKey: ["/quality/summary", days],
    queryFn: ({ signal }) => get<QualitySummary>("/quality/summary", { query: { days }, signal }),
    refetchInterval: REFRESH_MILLIS,
    placeholderData: (before) => before,
  });
  return (
    <Page
      title={t("nav.quality")}
      description={t("quality.help")}
      primary={<Segmented value={days} onChange={setDays} options={DAYS.map((value) => ({ value, label: t("quality.last_days", { count: value }) }))} />}
    >
      <AlertsNote />
      <Loaded query={summary} rows={8}>{(data) => <Everything summary={data} />}</Loaded>
      <RulesPanel known={summary.data?.series ?? []} />
    </Page>
  );
}

function Everything({ summary }: { summary: QualitySummary }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<{ source: string; event: string } | null>(null);
  const total = (of: (source: QualitySource) => number) => summary.sources.reduce((sum, source) => sum + of(source), 0);
  if (summary.series.length === 0) {
    return <Empty icon={<Gauge size={28} strokeWidth={1.5} />} title={t("quality.empty")} action={<Link to={paths.sources}>{t("overview.step_source")}</Link>}>{t("quality.empty_text")}</Empty>;
  }
  return (
    <>
      <div className="stats">
        <Stat label={t("quality.records")}><Num value={total((source) => source.records)} compact /></Stat>
        <Stat label={t("quality.rejected")}><Num value={total((source) => source.rejected)} compact /></Stat>
        <Stat label={t("quality.duplicates")}><Num value={total((source) => source.duplicates)} compact /></Stat>
        <Stat label={t("quality.memory")} note={<Memory dedupe={summary.dedupe} />}>{t("quality.hours", { value: summary.dedupe.window_hours })}</Stat>
      </div>
      <SeriesTable series={summary.series} onOpen={(row) => setOpen({ source: row.source, event: row.event })} />
      <Sources sources={summary.sources} />
      <SeriesDrawer of={open} onClose={() => setOpen(null)} />
    </>
  );
}

function Memory({ dedupe }: { dedupe: QualitySummary["dedupe"] }) {
  const { t } = useTranslation();
  const format = useFormats();
  if (dedupe.horizon) return <span className="warning-text">{t("quality.horizon")} <DateTime at={dedupe.horizon} /></span>;
  return <>{t("quality.memory_keys", { keys: format.compact(dedupe.keys), size: format.number(dedupe.bytes / 1024 / 1024, 1) })}</>;
}

function SeriesTable({ series, onOpen }: { series: QualitySeries[]; onOpen: (row: QualitySeries) => void }) {
  const { t } = useTranslation();
  const words = useQualityWords();
  const [search, setSearch] = usePageSearch();
  const sources = [...new Set(series.map((row) => row.source))];
  const rows = series.filter((row) => search.source === undefined || row.source === search.source);
  const columns: Column<QualitySeries>[] = [
    { key: "event", title: t("data.event"), sort: (row) => words.series(row.event), cell: (row) => <div className="cell-title"><strong>{words.series(row.event)}</strong><span>{words.source(row.source)}</span></div> },
    { key: "records", title: t("quality.records"), align: "end", sort: (row) => row.records, cell: (row) => <Num value={row.records} /> },
    { key: "days", title: t("quality.by_day"), wideOnly: true, width: 120, cell: (row) => <Spark values={row.days} label={t("quality.by_day")} /> },
    { key: "late", title: t("quality.late"), wideOnly: true, cell: (row) => <span className="num" title={t("quality.late_help")}>{words.late(row.late_p50)} <span className="muted">{words.late(row.late_p95)}</span></span> },
    { key: "rejected", title: t("quality.rejected"), align: "end", sort: (row) => row.rejected, cell: (row) => <Count value={row.rejected} bad /> },
    { key: "duplicates", title: t("quality.duplicates"), align: "end", wideOnly: true, sort: (row) => row.duplicates, cell: (row) => <Count value={row.duplicates} /> },
    { key: "first", title: t("data.first_seen"), wideOnly: true, sort: (row) => row.first_seen, cell: (row) => <Ago at={row.first_seen} /> },
    { key: "last", title: t("data.last_seen"), wideOnly: true, sort: (row) => row.last_seen, cell: (row) => <Ago at={row.last_seen} /> },
  ];
  const toolbar = sources.length > 1 && (
    <Pick allowClear style={{ minWidth: 160 }} placeholder={t("quality.any_source")} aria-label={t("data.source")} options={sources.map((source) => ({ value: source, label: words.source(source) }))} value={search.source} onChange={(source: string | undefined) => setSearch({ source })} />
  );
  return <DataTable label={t("nav.quality")} id="quality" columns={columns} rows={rows} rowKey={(row) => `${row.source}\n${row.event}`} toolbar={toolbar || undefined} onOpen={onOpen} />;
}

function Count({ value, bad }: { value: number; bad?: boolean }) {
  if (value === 0) return <span className="muted">0</span>;
  return <span className={bad ? "warning-text" : undefined}><Num value={value} /></span>;
}

/** The files behind all that was imported. */
function Files({ files }: { files: QualitySource["files"] }) {
  const { t } = useTranslation();
  return (
    <details>
      <summary className="small">{t("quality.files", { count: files.length })}</summary>
      <ul className="quality-sources">
        {files.map((file) => (
          <li key={file.name}>
            <div className="spread"><span>{file.name}</span><span className="muted small"><Ago at={file.last_seen} /></span></div>
            <div className="row small muted">
              <span>{t("quality.records")} <Num value={file.records} /></span>
              <span>{t("quality.rejected")} <Num value={file.rejected} /></span>
              <span>{t("quality.duplicates")} <Num value={file.duplicates} /></span>
            </div>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Sources({ sources }: { sources: QualitySource[] }) {
  const { t } = useTranslation();
  const words = useQualityWords();
  return (
    <Panel title={t("quality.sources")} help={t("quality.sources_help")}>
      <ul className="quality-sources">
        {sources.map((source) => (
          <li key={source.name}>
            <div className="spread"><strong>{words.source(source.name)}</strong><span className="muted small">{t("data.last_seen")} <Ago at={source.last_seen} /></span></div>
            <div className="row small muted">
              <span>{t("quality.records")} <Num value={source.records} /></span>
              <span>{t("quality.rejected")} <Num value={source.rejected} /></span>
              <span>{t("quality.duplicates")} <Num value={source.duplicates} /></span>
              {source.libraries.map((library) => <Label key={`${library.name} ${library.version}`} title={t("quality.requests", { count: library.requests })}>{words.source(library.name)} {library.version}</Label>)}
            </div>
            {source.files.length > 0 && <Files files={source.files} />}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
