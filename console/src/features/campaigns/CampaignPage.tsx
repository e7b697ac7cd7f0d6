/** One campaign: its editor while it is a draft, its report afterwards. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Campaign } from "../../api/types";
import { useIdParam } from "../../app/router";
import { Page, Loaded } from "../../ui";
import { CampaignEditor } from "./CampaignEditor";
import { CampaignReport } from "./CampaignReport";

const RUNNING_REFRESH_MILLIS = 2_000;

export default function CampaignPage() {
  const { t } = useTranslation();
  const id = useIdParam();
  const query = useQuery({
    queryKey: ["/campaigns", id],
    queryFn: ({ signal }) => get<Campaign>(`/campaigns/${id}`, { signal }),
    refetchInterval: (q) => (q.state.data?.state === "running" ? RUNNING_REFRESH_MILLIS : false),
  });
  if (!query.data) return <Page title={t("campaigns.campaign")}><Loaded query={query}>{() => null}</Loaded></Page>;
  const campaign = query.data;
  return campaign.state === "draft" ? <CampaignEditor key={campaign.id} campaign={campaign} /> : <CampaignReport campaign={campaign} />;
}
