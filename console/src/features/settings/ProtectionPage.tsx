/** What keeps people from too many messages: the cap and the list. */
import { useQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { get, post, put, remove } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { Protection, Suppression } from "../../api/types";
import { useNames } from "../../app/names";
import { Link } from "../../app/router";
import { useSession } from "../../app/session";
import { Form, useForm } from "../../form";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Button, Checkbox, DateTime, Empty, InputNumber, Label, Loaded, Page, Panel, TextButton, useConfirm, useNameDialog, useToast } from "../../ui";

const CAP_DEFAULT = { messages: 3, days: 7 };

export default function ProtectionPage() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["/protection"], queryFn: ({ signal }) => get<Protection>("/protection", { signal }) });
  return (
    <Page title={t("nav.protection")} description={t("settings.protection_help")}>
      <Panel title={t("settings.cap")} help={t("settings.cap_help")}>
        <Loaded query={query} rows={2}>{(protection) => <CapForm protection={protection} />}</Loaded>
      </Panel>
      <SuppressionList />
    </Page>
  );
}

function CapForm({ protection }: { protection: Protection }) {
  const { t } = useTranslation();
  const toast = useToast();
  const { may } = useSession();
  const save = useWrite((body: Protection) => put<Protection>("/protection", body), ["/protection"]);
  const form = useForm<Protection>({ initial: { cap: protection.cap ?? null }, submit: (values) => save.mutateAsync(values) });
  const { cap } = form.values;
  const locked = !may("protection.manage");
  return (
    <Form form={form} submitLabel={t("app.save")} disabled={locked} onDone={() => toast.done(t("app.saved"))}>
      <Checkbox disabled={locked} checked={Boolean(cap)} onChange={(event) => form.set("cap", event.target.checked ? CAP_DEFAULT : null)}>{t("settings.with_cap")}</Checkbox>
      {cap && (
        <div className="row">
          {t("settings.cap_each")}
          <InputNumber disabled={locked} min={1} precision={0} style={{ width: 80 }} aria-label={t("settings.cap_days")} value={cap.days} onChange={(days) => days && form.set("cap", { ...cap, days })} />
          {t("settings.cap_days")}
          <InputNumber disabled={locked} min={1} precision={0} style={{ width: 80 }} aria-label={t("settings.cap_messages")} value={cap.messages} onChange={(messages) => messages && form.set("cap", { ...cap, messages })} />
          {t("settings.cap_messages")}
        </div>
      )}
    </Form>
  );
}

function SuppressionList() {
  const { t } = useTranslation();
  const names = useNames();
  const ask = useNameDialog();
  const confirm = useConfirm();
  const toast = useToast();
  const { may } = useSession();
  const list = useList<Suppression>("/suppressions");
  const add = useWrite((address: string) => post<Suppression>("/suppressions", { channel: "email", address, reason: "manual" }), ["/suppressions"]);
  const drop = useWrite((id: number) => remove(`/suppressions/${id}`), ["/suppressions"]);
  const columns: Column<Suppression>[] = [
    { key: "address", title: t("settings.address"), cell: (row) => row.address ?? (row.person === null || row.person === undefined ? "–" : <Link to={paths.person(row.person)}>#{row.person}</Link>) },
    { key: "channel", title: t("nav.channels"), cell: (row) => <Label>{t(`campaigns.channel_${row.channel as "email"}`, { defaultValue: row.channel })}</Label> },
    { key: "reason", title: t("data.reason"), cell: (row) => names.reason(row.reason) },
    { key: "at", title: t("data.time"), wideOnly: true, cell: (row) => <DateTime at={row.created_at} /> },
  ];
  if (may("protection.manage")) {
    columns.push({
      key: "actions",
      title: "",
      align: "end",
      cell: (row) => <TextButton onClick={() => confirm({ title: t("settings.unsuppress_title"), content: t("settings.unsuppress_text"), action: t("settings.remove"), danger: true, run: () => drop.mutateAsync(row.id) })}>{t("settings.remove")}</TextButton>,
    });
  }
  return (
    <Panel
      flush
      title={t("settings.suppressions")}
      help={t("settings.suppressions_help")}
      extra={
        may("protection.manage") && (
          <Button onClick={() => ask({ title: t("settings.suppress"), label: t("login.email"), action: t("settings.suppress"), run: (address) => add.mutateAsync(address).then(() => toast.done(t("app.saved"))) })}>{t("settings.suppress")}</Button>
        )
      }
    >
      <ListTable label={t("settings.suppressions")} list={list} columns={columns} rowKey={(row) => row.id} empty={<Empty icon={<ShieldCheck size={28} strokeWidth={1.5} />} title={t("settings.no_suppressions")}>{t("settings.no_suppressions_text")}</Empty>} />
    </Panel>
  );
}
