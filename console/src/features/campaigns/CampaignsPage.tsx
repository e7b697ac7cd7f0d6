/** All campaigns. */
import { Megaphone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { Campaign } from "../../api/types";
import { Link, useGo } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Ago, Button, Empty, Num, Page, useNameDialog } from "../../ui";
import { CampaignStatus } from "./CampaignStatus";
import { newCampaign } from "./draft";

export default function CampaignsPage() {
  const { t } = useTranslation();
  const go = useGo();
  const ask = useNameDialog();
  const { may } = useSession();
  const list = useList<Campaign>("/campaigns");
  const create = useWrite((name: string) => post<Campaign>("/campaigns", newCampaign(name, null)), ["/campaigns"]);
  const columns: Column<Campaign>[] = [
    { key: "name", title: t("campaigns.campaign"), sort: (row) => row.name, cell: (row) => <div className="cell-title"><Link to={paths.campaign(row.id)}>{row.name}</Link><span>{t(`campaigns.channel_${row.channel}`)}</span></div> },
    { key: "state", title: t("data.state"), cell: (row) => <CampaignStatus state={row.state} /> },
    { key: "chosen", title: t("campaigns.chosen"), align: "end", wideOnly: true, cell: (row) => <Num value={row.counts.chosen} /> },
    { key: "sent", title: t("campaigns.sent"), align: "end", cell: (row) => <Num value={row.counts.sent} /> },
    { key: "control", title: t("campaigns.control"), align: "end", wideOnly: true, cell: (row) => <Num value={row.counts.control} /> },
    { key: "started", title: t("data.started"), wideOnly: true, sort: (row) => row.started_at ?? row.created_at, cell: (row) => <Ago at={row.started_at ?? row.created_at} /> },
  ];
  const start = () =>
    ask({ title: t("palette.new_campaign"), label: t("campaigns.name_example"), action: t("app.create"), run: async (name) => go(paths.campaign((await create.mutateAsync(name)).id)) });
  const button = may("campaigns.write") && <Button type="primary" onClick={start}>{t("palette.new_campaign")}</Button>;
  return (
    <Page title={t("nav.campaigns")} description={t("campaigns.help")} primary={button}>
      <ListTable
        id="campaigns"
        label={t("nav.campaigns")}
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={(row) => go(paths.campaign(row.id))}
        empty={<Empty icon={<Megaphone size={28} strokeWidth={1.5} />} title={t("campaigns.empty")} action={button}>{t("campaigns.empty_text")}</Empty>}
      />
    </Page>
  );
}
