/** One event of one source: over time, why records were refused, and its properties. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { PropertyRates, QualityDetail } from "../../api/types";
import { useNames } from "../../app/names";
import { Area } from "../../chart/Spark";
import { DataTable, type Column } from "../../table";
import { Drawer, Loaded, Num, Segmented, useFormats } from "../../ui";
import { share, useQualityWords } from "./quality";

export function SeriesDrawer({ of, onClose }: { of: { source: string; event: string } | null; onClose: () => void }) {
  const words = useQualityWords();
  return (
    <Drawer open={of !== null} onClose={onClose} size={640} destroyOnHidden title={of ? `${words.series(of.event)} · ${words.source(of.source)}` : ""}>
      {of && <Detail source={of.source} event={of.event} />}
    </Drawer>
  );
}

function Detail({ source, event }: { source: string; event: string }) {
  const { t } = useTranslation();
  const format = useFormats();
  const [by, setBy] = useState<"hour" | "day">("hour");
  const query = useQuery({
    queryKey: ["/quality/series", source, event, by],
    queryFn: ({ signal }) => get<QualityDetail>("/quality/series", { query: { source, event, by }, signal }),
    placeholderData: (before) => before,
  });
  return (
    <Loaded query={query} rows={6}>
      {(detail) => (
        <div className="stack">
          <div className="spread">
            <strong>{t("quality.records")}</strong>
            <Segmented size="small" value={by} onChange={setBy} options={[{ value: "hour", label: t("quality.by_hour") }, { value: "day", label: t("quality.by_day") }]} />
          </div>
          <Area label={t("quality.records")} height={160} points={detail.points.map((point) => ({ label: by === "hour" ? format.dateTime(point.at) : format.date(point.at), value: point.records, text: format.number(point.records) }))} />
          {detail.reasons.length > 0 && (
            <section>
              <h3>{t("quality.reasons")}</h3>
              <dl className="pairs">
                {detail.reasons.map((reason) => (
                  <div key={reason.code} className="pair"><dt>{t(`names.reject_reasons.${reason.code}`, { defaultValue: reason.code })}</dt><dd><Num value={reason.count} /></dd></div>
                ))}
              </dl>
            </section>
          )}
          {detail.properties.length > 0 && <Properties detail={detail} />}
        </div>
      )}
    </Loaded>
  );
}

function Properties({ detail }: { detail: QualityDetail }) {
  const { t } = useTranslation();
  const names = useNames();
  const columns: Column<PropertyRates>[] = [
    { key: "name", title: t("data.properties"), sort: (row) => names.property(row.name), cell: (row) => <div className="cell-title"><strong>{names.property(row.name)}</strong><span>{t(`data.type_${row.kind}`, { defaultValue: row.kind })}</span></div> },
    { key: "missing", title: t("quality.missing"), align: "end", sort: (row) => row.missing, cell: (row) => <Rate part={row.missing} whole={detail.looked_at} /> },
    { key: "empty", title: t("quality.empty_values"), align: "end", sort: (row) => row.empty, cell: (row) => <Rate part={row.empty} whole={row.present} /> },
    { key: "drifted", title: t("quality.drifted"), align: "end", sort: (row) => row.drifted, cell: (row) => <Rate part={row.drifted} whole={row.present} bad /> },
  ];
  return (
    <section className="stack stack-tight">
      <h3>{t("quality.properties")}</h3>
      <p className="help">{t("quality.properties_help")}</p>
      <DataTable label={t("quality.properties")} columns={columns} rows={detail.properties} rowKey={(row) => row.name} />
      {detail.other_values > 0 && <p className="help">{t("quality.other_values", { count: detail.other_values })}</p>}
    </section>
  );
}

function Rate({ part, whole, bad }: { part: number; whole: number; bad?: boolean }) {
  const format = useFormats();
  if (part === 0) return <span className="muted">0</span>;
  return <span className={bad ? "num warning-text" : "num"} title={`${format.number(part)} / ${format.number(whole)}`}>{format.percent(share(part, whole))}</span>;
}
