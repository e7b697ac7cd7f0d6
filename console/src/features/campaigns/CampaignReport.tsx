/** What a campaign did: live progress, the way from chosen to converted, and the lift against control. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import { get, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Campaign, Report } from "../../api/types";
import { useNames } from "../../app/names";
import { useGo, usePageSearch } from "../../app/router";
import { useSession } from "../../app/session";
import { Distribution, Steps } from "../../chart";
import { paths } from "../../paths";
import { Bar, Button, Loaded, Num, Page, Panel, Stat, useConfirm, useFormats, useToast, type MenuProps } from "../../ui";
import { CampaignStatus } from "./CampaignStatus";
import { LiftPanel } from "./LiftPanel";
import { MetricDrawer } from "./MetricDrawer";

const RUNNING_REFRESH_MILLIS = 3_000;
/** People go on opening, clicking and buying. */
const ENDED_REFRESH_MILLIS = 30_000;

export function CampaignReport({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const go = useGo();
  const { may } = useSession();
  const toast = useToast();
  const confirm = useConfirm();
  const format = useFormats();
  const act = useWrite((action: "pause" | "resume" | "cancel") => post<Campaign>(`/campaigns/${campaign.id}/${action}`), ["/campaigns", "/overview"]);
  const report = useQuery({
    // A new state is a new question: the last numbers of a send must not be missed.
    queryKey: ["/campaigns", campaign.id, "report", campaign.state],
    queryFn: ({ signal }) => get<Report>(`/campaigns/${campaign.id}/report`, { signal }),
    refetchInterval: campaign.state === "running" ? RUNNING_REFRESH_MILLIS : ENDED_REFRESH_MILLIS,
    placeholderData: keepPreviousData,
  });
  const open = campaign.state === "running" || campaign.state === "paused";
  const more: MenuProps["items"] = [
    {
      key: "cancel",
      danger: true,
      label: t("campaigns.cancel"),
      onClick: () =>
        confirm({
          title: t("campaigns.cancel_title"),
          content: t("campaigns.cancel_text", { people: format.number(campaign.counts.pending) }),
          action: t("campaigns.cancel"),
          danger: true,
          run: () => act.mutateAsync("cancel"),
        }),
    },
  ];
  const toggle = (action: "pause" | "resume") => act.mutate(action, { onError: toast.failed });
  return (
    <Page
      title={campaign.name}
      status={<><CampaignStatus state={campaign.state} />{report.data && <span className="muted small">{t("app.as_of", { time: format.dateTime(report.data.as_of) })}</span>}</>}
      back={{ label: t("nav.campaigns"), onClick: () => go(paths.campaigns) }}
      more={open && may("campaigns.send") ? more : undefined}
      moreLabel={t("app.more")}
      primary={
        may("campaigns.send") &&
        (campaign.state === "running" ? (
          <Button icon={<Pause size={14} />} loading={act.isPending} onClick={() => toggle("pause")}>{t("campaigns.pause")}</Button>
        ) : campaign.state === "paused" ? (
          <Button type="primary" icon={<Play size={14} />} loading={act.isPending} onClick={() => toggle("resume")}>{t("campaigns.resume")}</Button>
        ) : null)
      }
    >
      {open && <Progress campaign={campaign} />}
      <Loaded query={report} rows={10}>{(data) => <Results campaign={campaign} report={data} />}</Loaded>
    </Page>
  );
}

function Progress({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const { counts } = campaign;
  const done = Math.max(0, counts.chosen - counts.pending);
  return (
    <Panel>
      <div className="stack stack-tight" role="status">
        <div className="spread">
          <span>{t("campaigns.progress")} <strong><Num value={done} /></strong> / <Num value={counts.chosen} /></span>
          <span className="help">{t("campaigns.pending")} <Num value={counts.pending} /></span>
        </div>
        <Bar share={counts.chosen > 0 ? done / counts.chosen : 0} />
      </div>
    </Panel>
  );
}

function Results({ campaign, report }: { campaign: Campaign; report: Report }) {
  const { t } = useTranslation();
  const names = useNames();
  const [search, setSearch] = usePageSearch();
  const open = (metric: string, reason?: string) => setSearch({ metric, reason });
  const steps: { metric: string; people: number }[] =
    campaign.channel === "email"
      ? [
          { metric: "chosen", people: report.chosen },
          { metric: "sent", people: report.sent },
          { metric: "delivered", people: report.delivered },
          { metric: "opened", people: report.opened },
          { metric: "clicked", people: report.clicked },
        ]
      : [
          { metric: "chosen", people: report.chosen },
          { metric: "sent", people: report.sent },
          ...(report.delivered_by === "receipts" ? [{ metric: "delivered", people: report.delivered }] : []),
        ];
  if (report.goal) steps.push({ metric: "converted_treated", people: report.goal.treated.converted });
  const suppressed = report.suppressed.reduce((sum, item) => sum + item.people, 0);
  const small = (["control", "bounced", "complained", "unsubscribed", "failed", "unknown"] as const).filter((metric) => campaign.channel === "email" || report[metric] > 0 || !["bounced", "complained", "unsubscribed"].includes(metric));
  return (
    <>
      <Panel title={t("campaigns.the_way")} help={t("campaigns.the_way_help")}>
        <Steps
          steps={steps.map((step) => ({ key: step.metric, name: t(`campaigns.metric_${step.metric as "sent"}`), people: step.people, apart: step.metric === "converted_treated" }))}
          reachedLabel=""
          droppedLabel={t("campaigns.not_reached")}
          onReached={(index) => open(steps[index]?.metric ?? "sent")}
        />
        {steps.some((step) => step.metric === "delivered") && <p className="help">{t(`campaigns.delivered_by_${report.delivered_by}`)}</p>}
      </Panel>
      <div className="stats">
        {small.map((metric) => <Stat key={metric} label={t(`campaigns.metric_${metric}`)} onClick={() => open(metric)}><Num value={report[metric]} /></Stat>)}
        <Stat label={t("campaigns.suppressed")} onClick={() => open("suppressed")}><Num value={suppressed} /></Stat>
      </div>
      <div className="halves">
        {report.goal && <LiftPanel goal={report.goal} sample={report.sample ?? null} onOpen={open} />}
        <Panel title={t("campaigns.why_not")}>
          {report.suppressed.length === 0 ? (
            <p className="help">{t("campaigns.nobody_suppressed")}</p>
          ) : (
            <Distribution rows={report.suppressed.map((item) => ({ key: item.reason, name: names.reason(item.reason), value: item.people }))} total={report.chosen} onOpen={(reason) => open("suppressed", reason)} />
          )}
        </Panel>
      </div>
      {search.metric && <MetricDrawer campaign={campaign.id} metric={search.metric} reason={search.reason} onClose={() => setSearch({ metric: undefined, reason: undefined })} />}
    </>
  );
}
