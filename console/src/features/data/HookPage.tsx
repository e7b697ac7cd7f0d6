/** What the webhooks of one source mean: a sample beside the mapping, and what comes of it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post, put, remove } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Hook, HookMapping, HookOutcome, Key, Page as List, Props } from "../../api/types";
import { useDirtyGuard, useGo, useIdParam } from "../../app/router";
import { useSession } from "../../app/session";
import { useDebounced } from "../../app/useDebounced";
import { paths } from "../../paths";
import { Button, CodeBlock, DateTime, Empty, ErrorView, Input, Label, Loaded, Page, Panel, Status, useConfirm, useToast } from "../../ui";
import { newMapping, read, stored } from "./hook";
import { HookFields } from "./HookFields";
import "./hook.css";

const TYPING_MILLIS = 400;
const LETTERS_MAX = 500;

export default function HookPage() {
  const { t } = useTranslation();
  const go = useGo();
  const id = useIdParam();
  const keys = useQuery({ queryKey: ["/keys"], queryFn: ({ signal }) => get<List<Key>>("/keys", { signal }) });
  const hooks = useQuery({ queryKey: ["/hooks"], queryFn: ({ signal }) => get<{ items: Hook[] }>("/hooks", { signal }) });
  const key = keys.data?.items.find((one) => one.id === id);
  return (
    <Page title={key ? t("data.hook_title", { name: key.name }) : t("data.hook")} description={t("data.hook_help")} back={{ label: t("nav.sources"), onClick: () => go(paths.sources) }} wide>
      <Loaded query={keys}>
        {() => key ? <Loaded query={hooks}>{({ items }) => <Editor key={id} source={key} hook={items.find((one) => one.key === id) ?? null} />}</Loaded> : <Empty title={t("app.not_found")}>{t("app.not_found_text")}</Empty>}
      </Loaded>
    </Page>
  );
}

interface Draft {
  mapping: HookMapping;
  header: string;
  secret: string;
  answer: string;
}

function Editor({ source, hook }: { source: Key; hook: Hook | null }) {
  const { t } = useTranslation();
  const toast = useToast();
  const go = useGo();
  const confirm = useConfirm();
  const { project } = useSession();
  const [sample, setSample] = useState("");
  const [draft, setDraft] = useState<Draft>(() => ({ mapping: { ...newMapping(project.zone), ...hook?.mapping }, header: hook?.signature_header ?? "", secret: "", answer: hook?.answer ?? "" }));
  const [dirty, setDirty] = useState(false);
  useDirtyGuard(dirty);
  const change = (next: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...next }));
    setDirty(true);
  };
  const save = useWrite(
    () => put<Hook>(`/hooks/${source.id}`, { mapping: stored(draft.mapping), signature: draft.header ? { header: draft.header, secret: draft.secret || undefined } : undefined, answer: draft.answer }),
    ["/hooks", "/audit"],
  );
  const forget = useWrite(() => remove(`/hooks/${source.id}`), ["/hooks", "/audit"]);
  const saved = () => {
    setDirty(false);
    setDraft((before) => ({ ...before, secret: "" }));
    toast.done(t("app.saved"));
  };
  return (
    <>
      <Panel title={t("data.hook_address")} help={t("data.hook_address_help")} extra={hook ? <Status tone="success">{t("data.hook_version", { version: hook.version })}</Status> : <Status tone="neutral">{t("data.hook_none")}</Status>}>
        <CodeBlock code={`POST ${location.origin}/hook/${source.hint}…`} />
      </Panel>
      <div className="halves">
        <Panel title={t("data.hook_mapping")}>
          <HookFields mapping={draft.mapping} sample={read(sample, draft.mapping.list ?? "")} onChange={(next) => change({ mapping: { ...draft.mapping, ...next } })} />
        </Panel>
        <div className="stack">
          <Panel title={t("data.hook_sample")} help={t("data.hook_sample_help")}>
            <Input.TextArea className="hook-sample" aria-label={t("data.hook_sample")} rows={10} spellCheck={false} placeholder={'{ "type": "order_paid", "user": { "mobile": "138…" } }'} value={sample} onChange={(event) => setSample(event.target.value)} />
          </Panel>
          <Outcome mapping={draft.mapping} sample={sample} />
          <Panel title={t("data.hook_trust")} help={t("data.hook_trust_help")}>
            <div className="stack stack-tight">
              <Input aria-label={t("data.hook_header")} placeholder={t("data.hook_header")} value={draft.header} onChange={(event) => change({ header: event.target.value.trim() })} />
              {draft.header !== "" && <Input.Password aria-label={t("data.hook_secret")} autoComplete="new-password" placeholder={t(hook?.signature_header ? "data.hook_secret_kept" : "data.hook_secret")} value={draft.secret} onChange={(event) => change({ secret: event.target.value })} />}
              <Input aria-label={t("data.hook_answer")} placeholder={t("data.hook_answer")} maxLength={LETTERS_MAX} value={draft.answer} onChange={(event) => change({ answer: event.target.value })} />
            </div>
          </Panel>
        </div>
      </div>
      <div className="row row-end">
        {hook && (
          <Button
            danger
            onClick={() =>
              confirm({
                title: t("data.hook_forget"),
                content: t("data.hook_forget_text"),
                action: t("data.hook_forget"),
                danger: true,
                run: async () => {
                  await forget.mutateAsync(undefined);
                  setDirty(false);
                  go(paths.sources);
                },
              })
            }
          >
            {t("data.hook_forget")}
          </Button>
        )}
        <Button type="primary" loading={save.isPending} onClick={() => save.mutate(undefined, { onSuccess: saved, onError: toast.failed })}>{t("app.save")}</Button>
      </div>
    </>
  );
}

/** What the server makes of the sample, as it would of a real one. */
function Outcome({ mapping, sample }: { mapping: HookMapping; sample: string }) {
  const { t } = useTranslation();
  const trial = useDebounced(JSON.stringify({ mapping: stored(mapping), sample }), TYPING_MILLIS);
  const ready = sample.trim() !== "" && Object.keys(stored(mapping).identifiers).length > 0;
  const outcome = useQuery({
    queryKey: ["/hooks/preview", trial],
    queryFn: ({ signal }) => post<HookOutcome>("/hooks/preview", JSON.parse(trial), { signal }),
    enabled: ready,
    placeholderData: (before) => before,
    retry: false,
  });
  return (
    <Panel title={t("data.hook_outcome")} help={t("data.hook_outcome_help")}>
      {!ready && <p className="help">{t("data.hook_outcome_empty")}</p>}
      {ready && outcome.error && <ErrorView error={outcome.error} onRetry={() => void outcome.refetch()} />}
      {ready && outcome.data && !outcome.error && (
        <div className="stack stack-tight">
          {outcome.data.records.map((record, index) => (
            <div className="hook-record" key={index}>
              <div className="row">
                <strong>{record.event ?? t("data.hook_profile")}</strong>
                <DateTime at={record.time} />
                {record.ids.map((id) => <Label key={`${id.namespace}${id.value}`}>{t(`data.to_${id.namespace}`, { defaultValue: id.namespace })} {id.value}</Label>)}
              </div>
              <Values props={record.props as Props} />
            </div>
          ))}
          {outcome.data.refusals.map((refusal, index) => (
            <div className="note tone-danger" key={index}>
              {t(`names.reject_reasons.${refusal.code}`, { defaultValue: refusal.message })} · {refusal.field}
            </div>
          ))}
          {outcome.data.items === 0 && <p className="help">{t("data.hook_outcome_none")}</p>}
        </div>
      )}
    </Panel>
  );
}

function Values({ props }: { props: Props }) {
  return (
    <dl className="hook-values">
      {Object.entries(props).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{Array.isArray(value) ? value.join(", ") : String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
