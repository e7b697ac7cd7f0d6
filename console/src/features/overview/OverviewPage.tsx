/** The first page: the numbers, the last 30 days, what to do next, recent campaigns. */
import { useQuery } from "@tanstack/react-query";
import { Circle, CircleCheck } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Campaign, Overview, Page as List } from "../../api/types";
import { Link, useGo } from "../../app/router";
import { ChartFrameContext } from "../../chart";
import { Area } from "../../chart/Spark";
import { paths } from "../../paths";
import { Loaded, Num, Page, Panel, Segmented, Stat, useFormats } from "../../ui";
import { OpenAlertsNote } from "../alerts/OpenAlertsNote";
import { useDayNotes } from "../annotations/useAnnotations";
import { CampaignStatus } from "../campaigns/CampaignStatus";
import { AlertsNote } from "../quality/AlertsNote";

const REFRESH_MILLIS = 60_000;

export default function OverviewPage() {
  const { t } = useTranslation();
  const overview = useQuery({
    queryKey: ["/overview"],
    queryFn: ({ signal }) => get<Overview>("/overview", { signal }),
    refetchInterval: REFRESH_MILLIS,
  });
  return (
    <Page title={t("overview.title")}>
      <AlertsNote link />
      <OpenAlertsNote />
      <Loaded query={overview} rows={8}>{(data) => <Numbers overview={data} />}</Loaded>
    </Page>
  );
}

/** Days of which somebody noted what happened are marked, as in every chart over time. */
function Noted({ children }: { children: ReactNode }) {
  const notes = useDayNotes();
  const frame = useMemo(() => ({ notes, tile: false }), [notes]);
  return <ChartFrameContext.Provider value={frame}>{children}</ChartFrameContext.Provider>;
}

function Numbers({ overview }: { overview: Overview }) {
  const { t } = useTranslation();
  const go = useGo();
  const [what, setWhat] = useState<"events" | "people">("events");
  const format = useFormats();
  const today = overview.series.at(-1);
  const done = Object.values(overview.checklist).every(Boolean);
  return (
    <>
      <div className="stats">
        <Stat label={t("overview.people")} onClick={() => go(paths.people)}><Num value={overview.people} /></Stat>
        <Stat label={t("overview.active_today")} onClick={() => go(paths.trend)}><Num value={today?.people ?? 0} /></Stat>
        <Stat label={t("overview.events_today")} onClick={() => go(paths.live)}><Num value={overview.events_today} /></Stat>
        <Stat label={t("overview.events_total")} onClick={() => go(paths.events)}><Num value={overview.events_total} compact /></Stat>
      </div>
      <div className="overview-top">
        <Panel
          title={t(`overview.series_${what}`)}
          extra={<Segmented size="small" value={what} onChange={setWhat} options={[{ value: "events", label: t("overview.events") }, { value: "people", label: t("overview.people") }]} />}
        >
          <Noted><Area label={t(`overview.series_${what}`)} height={220} points={overview.series.map((point) => ({ label: point.day, value: point[what], text: format.number(point[what]) }))} /></Noted>
        </Panel>
        {done ? <RecentCampaigns /> : <Checklist checklist={overview.checklist} />}
      </div>
      {!done && <RecentCampaigns />}
    </>
  );
}

const STEPS = [
  { key: "source", to: paths.sources },
  { key: "event", to: paths.live },
  { key: "segment", to: paths.newSegment },
  { key: "campaign", to: paths.campaigns },
] as const;

function Checklist({ checklist }: { checklist: Overview["checklist"] }) {
  const { t } = useTranslation();
  return (
    <Panel title={t("overview.checklist")} help={t("overview.checklist_help")}>
      <ul className="checklist">
        {STEPS.map(({ key, to }) => (
          <li key={key}>
            <Link to={to} className={checklist[key] ? "done" : undefined}>
              {checklist[key] ? <CircleCheck size={18} aria-label={t("overview.done")} /> : <Circle size={18} aria-hidden />}
              <span>
                <strong>{t(`overview.step_${key}`)}</strong>
                <span className="help">{t(`overview.step_${key}_help`)}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const RECENT_CAMPAIGNS = 5;

function RecentCampaigns() {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ["/campaigns", "recent"],
    queryFn: ({ signal }) => get<List<Campaign>>("/campaigns", { query: { limit: RECENT_CAMPAIGNS }, signal }),
  });
  const campaigns = query.data?.items ?? [];
  return (
    <Panel title={t("overview.recent_campaigns")} extra={<Link to={paths.campaigns}>{t("overview.all_campaigns")}</Link>}>
      {query.data && campaigns.length === 0 && <p className="help">{t("overview.no_campaigns")}</p>}
      <ul className="checklist">
        {campaigns.map((campaign) => (
          <li key={campaign.id} className="spread" style={{ padding: "6px 0" }}>
            <Link to={paths.campaign(campaign.id)} className="campaign-link">{campaign.name}</Link>
            <span className="row">
              <span className="muted"><Num value={campaign.counts.sent} compact /></span>
              <CampaignStatus state={campaign.state} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
