/** What was sent to a person, and what was not and why. */
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { PersonMessage } from "../../api/types";
import { useNames } from "../../app/names";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { DateTime, Status } from "../../ui";
import { SEND_TONES } from "../campaigns/sendStates";

export function Messages({ person }: { person: number }) {
  const { t } = useTranslation();
  const names = useNames();
  const list = useList<PersonMessage>(`/people/${person}/messages`);
  const columns: Column<PersonMessage>[] = [
    { key: "campaign", title: t("nav.campaigns"), cell: (row) => <Link to={paths.campaign(row.campaign_id)}>{row.campaign}</Link> },
    { key: "state", title: t("data.state"), cell: (row) => <Status tone={SEND_TONES[row.state] ?? "neutral"}>{t(`campaigns.send_states.${row.state as "sent"}`, { defaultValue: row.state })}</Status> },
    { key: "reason", title: t("data.reason"), wideOnly: true, cell: (row) => (row.reason ? names.reason(row.reason) : "–") },
    { key: "at", title: t("data.time"), cell: (row) => <DateTime at={row.at} /> },
  ];
  return <ListTable label={t("people.messages")} list={list} columns={columns} rowKey={(row) => `${row.campaign_id}:${row.at}`} empty={<p className="help">{t("people.no_messages")}</p>} />;
}
