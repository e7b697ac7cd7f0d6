/** What was sent to a person, and what was not and why. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import { useList } from "../../api/query";
import type { Campaign, Page, Send } from "../../api/types";
import { useNames } from "../../app/names";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { DateTime, Status } from "../../ui";
import { SEND_TONES, shownState } from "../campaigns/sendStates";

export function Messages({ person }: { person: number }) {
  const { t } = useTranslation();
  const names = useNames();
  const list = useList<Send>(`/people/${person}/messages`);
  const campaigns = useQuery({ queryKey: ["/campaigns", "all"], queryFn: ({ signal }) => get<Page<Campaign>>("/campaigns", { query: { limit: 200 }, signal }) });
  const nameOf = (id: number) => campaigns.data?.items.find((campaign) => campaign.id === id)?.name ?? `#${id}`;
  const columns: Column<Send>[] = [
    { key: "campaign", title: t("nav.campaigns"), cell: (row) => <Link to={paths.campaign(row.campaign_id)}>{nameOf(row.campaign_id)}</Link> },
    { key: "state", title: t("data.state"), cell: (row) => <Status tone={row.bounced ? "danger" : SEND_TONES[row.state]}>{t(`campaigns.send_states.${shownState(row)}`)}</Status> },
    { key: "reason", title: t("data.reason"), wideOnly: true, cell: (row) => (row.reason ? names.reason(row.reason) : (row.error ?? "–")) },
    { key: "at", title: t("data.time"), cell: (row) => <DateTime at={row.finished_at ?? row.due_at} /> },
  ];
  return <ListTable label={t("people.messages")} list={list} columns={columns} rowKey={(row) => row.send_id} empty={<p className="help">{t("people.no_messages")}</p>} />;
}
