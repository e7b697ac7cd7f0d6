/** What people ask about their data, with the day by which to answer. */
import { Inbox } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { patch } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { ConsentRequest, RequestState } from "../../api/types";
import { Link } from "../../app/router";
import { useSession } from "../../app/session";
import { Field, Form, useForm } from "../../form";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Checkbox, DateTime, Drawer, Empty, Input, Panel, Segmented, Status, useFormats, useToast, type Tone } from "../../ui";
import { useConsentNames } from "./consent";

const TONES: Record<RequestState, Tone> = { open: "warning", working: "info", done: "success", refused: "neutral" };

export function Requests() {
  const { t } = useTranslation();
  const names = useConsentNames();
  const formats = useFormats();
  const [ended, setEnded] = useState(false);
  const [open, setOpen] = useState<ConsentRequest | null>(null);
  const list = useList<ConsentRequest>("/consent/requests", { ended });
  const columns: Column<ConsentRequest>[] = [
    { key: "kind", title: t("consent.request"), cell: (row) => t(`consent.request_kinds.${row.kind}`) },
    { key: "person", title: t("data.person"), cell: (row) => <Link to={paths.person(row.person)}>#{row.person}</Link> },
    { key: "state", title: t("consent.state"), cell: (row) => <Status tone={row.overdue ? "danger" : TONES[row.state]}>{row.overdue ? t("consent.overdue") : t(`consent.request_states.${row.state}`)}</Status> },
    { key: "due", title: t("consent.due"), cell: (row) => formats.date(row.due_at) },
    { key: "asked", title: t("consent.asked"), wideOnly: true, cell: (row) => <DateTime at={row.asked_at} /> },
    { key: "source", title: t("consent.where"), wideOnly: true, cell: (row) => names.source(row.source) },
  ];
  return (
    <Panel flush title={t("consent.requests")} help={t("consent.requests_help")} extra={<Checkbox checked={ended} onChange={(event) => setEnded(event.target.checked)}>{t("consent.with_ended")}</Checkbox>}>
      <ListTable label={t("consent.requests")} list={list} columns={columns} rowKey={(row) => row.id} onOpen={setOpen} empty={<Empty icon={<Inbox size={28} strokeWidth={1.5} />} title={t("consent.no_requests")}>{t("consent.no_requests_text")}</Empty>} />
      {open !== null && <RequestDrawer request={open} onClose={() => setOpen(null)} />}
    </Panel>
  );
}

function RequestDrawer({ request, onClose }: { request: ConsentRequest; onClose: () => void }) {
  const { t } = useTranslation();
  const names = useConsentNames();
  const toast = useToast();
  const { may } = useSession();
  const over = request.state === "done" || request.state === "refused";
  const save = useWrite((body: { state: RequestState; answer: string }) => patch<ConsentRequest>(`/consent/requests/${request.id}`, body), ["/consent/requests"]);
  const form = useForm<{ state: RequestState; answer: string }>({ initial: { state: request.state, answer: request.answer }, submit: (values) => save.mutateAsync(values) });
  const locked = over || !may("protection.manage");
  return (
    <Drawer title={t(`consent.request_kinds.${request.kind}`)} open onClose={onClose} size={420}>
      <dl className="pairs" style={{ marginBottom: 16 }}>
        <dt>{t("data.person")}</dt>
        <dd><Link to={paths.person(request.person)}>#{request.person}</Link></dd>
        <dt>{t("consent.asked")}</dt>
        <dd><DateTime at={request.asked_at} /></dd>
        <dt>{t("consent.due")}</dt>
        <dd><DateTime at={request.due_at} /></dd>
        <dt>{t("consent.where")}</dt>
        <dd>{names.source(request.source)}</dd>
        {request.note !== "" && <dt>{t("consent.evidence")}</dt>}
        {request.note !== "" && <dd>{request.note}</dd>}
      </dl>
      <p className="help" style={{ marginBottom: 16 }}>{t(`consent.request_help.${request.kind}`)}</p>
      <Form
        form={form}
        submitLabel={t("app.save")}
        disabled={locked}
        onDone={() => {
          toast.done(t("app.saved"));
          onClose();
        }}
      >
        <Field label={t("consent.state")}>
          {() => <div><Segmented<RequestState> disabled={locked} value={form.values.state} onChange={(state) => form.set("state", state)} options={(["open", "working", "done", "refused"] as const).map((state) => ({ value: state, label: t(`consent.request_states.${state}`) }))} /></div>}
        </Field>
        <Field label={t("consent.answer")} help={t("consent.answer_help")} error={form.errors.answer}>
          {(control) => <Input.TextArea {...control} disabled={locked} rows={4} maxLength={2000} value={form.values.answer} onChange={(event) => form.set("answer", event.target.value)} />}
        </Field>
      </Form>
    </Drawer>
  );
}
