/** The event catalogue: what has ever arrived, with its properties and values. */
import { BookOpen, ChartLine } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEventNames, useEventProperties, useEventValues } from "../../api/catalog";
import type { AnalysisQuery, EventName, PropertyName } from "../../api/types";
import { useNames } from "../../app/names";
import { Link } from "../../app/router";
import { Distribution } from "../../chart";
import { paths } from "../../paths";
import { DataTable, type Column } from "../../table";
import { Ago, Empty, Input, Label, Loaded, matches, Num, Page, TextButton } from "../../ui";

export function trendOf(event: string): AnalysisQuery {
  return { kind: "trend", series: [{ event, filters: [], measure: { kind: "count" } }], range: { kind: "last_days", days: 30 }, interval: "day" };
}

export default function EventsPage() {
  const { t } = useTranslation();
  const names = useNames();
  const events = useEventNames();
  const [text, setText] = useState("");
  const columns: Column<EventName>[] = [
    {
      key: "name",
      title: t("data.event"),
      sort: (row) => names.event(row.name),
      cell: (row) => <div className="cell-title"><strong>{names.event(row.name, row.display)}</strong><span><code>{row.name}</code></span></div>,
    },
    { key: "count", title: t("data.count"), align: "end", sort: (row) => row.count, cell: (row) => <Num value={row.count} /> },
    { key: "first", title: t("data.first_seen"), wideOnly: true, sort: (row) => row.first_seen ?? "", cell: (row) => <Ago at={row.first_seen} /> },
    { key: "last", title: t("data.last_seen"), sort: (row) => row.last_seen ?? "", cell: (row) => <Ago at={row.last_seen} /> },
    { key: "open", title: "", width: 60, cell: (row) => <Link to={paths.trend} search={{ q: trendOf(row.name) }} aria-label={t("data.see_trend")} title={t("data.see_trend")}><ChartLine size={16} /></Link> },
  ];
  return (
    <Page title={t("nav.events")} description={t("data.events_help")}>
      <Loaded query={events}>
        {(items) =>
          items.length === 0 ? (
            <div className="table-frame">
              <Empty icon={<BookOpen size={28} strokeWidth={1.5} />} title={t("data.events_empty")} action={<Link to={paths.sources}>{t("overview.step_source")}</Link>}>{t("data.events_empty_text")}</Empty>
            </div>
          ) : (
            <DataTable
              label={t("nav.events")}
              columns={columns}
              rows={items.filter((item) => matches(text, `${item.name} ${names.event(item.name)}`))}
              rowKey={(row) => row.name}
              expand={(row) => <Properties event={row.name} />}
              toolbar={<Input allowClear style={{ width: 240 }} placeholder={t("app.search")} aria-label={t("app.search")} value={text} onChange={(event) => setText(event.target.value)} />}
            />
          )
        }
      </Loaded>
    </Page>
  );
}

function Properties({ event }: { event: string }) {
  const properties = useEventProperties(event);
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Loaded query={properties} rows={3}>
      {(items) => (
        <div className="stack stack-tight">
          <div className="row">
            {items.map((property) => <PropertyLabel key={property.name} property={property} open={open === property.name} onOpen={() => setOpen(open === property.name ? null : property.name)} />)}
          </div>
          {open !== null && <Values event={event} property={open} />}
        </div>
      )}
    </Loaded>
  );
}

function PropertyLabel({ property, open, onOpen }: { property: PropertyName; open: boolean; onOpen: () => void }) {
  const { t } = useTranslation();
  const names = useNames();
  return (
    <TextButton onClick={onOpen} aria-expanded={open} title={property.name}>
      <Label tone={open ? "brand" : "neutral"}>{names.property(property.name)} · {t(`names.kinds.${property.kind}`)}</Label>
    </TextButton>
  );
}

function Values({ event, property }: { event: string; property: string }) {
  const { t } = useTranslation();
  const names = useNames();
  const values = useEventValues(event, property, "");
  return (
    <Loaded query={values} rows={3}>
      {(items) =>
        items.length === 0 ? <p className="help">{t("data.no_values")}</p> : <Distribution rows={items.slice(0, 12).map((item) => ({ key: item.value, name: names.value(property, item.value), value: item.count }))} />
      }
    </Loaded>
  );
}
