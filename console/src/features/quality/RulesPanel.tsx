/** What is expected to arrive, and whether it does. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post, put, remove } from "../../api/client";
import { useWrite } from "../../api/query";
import type { QualityRule, QualityRuleDraft, QualitySeries } from "../../api/types";
import { useSession } from "../../app/session";
import { Field, Form, useForm } from "../../form";
import { DataTable, type Column } from "../../table";
import { Ago, Button, Drawer, InputNumber, Loaded, Panel, Pick, Segmented, Status, Switch, TextButton, useConfirm, type Tone } from "../../ui";
import { useQualityWords } from "./quality";

const TOUCHES = ["/quality/rules", "/quality/alerts"];
const TONES: Record<QualityRule["state"], Tone> = { pending: "neutral", ok: "success", firing: "warning", too_little: "info" };
const KINDS = ["below", "above", "silent"] as const;
const USUAL: Record<QualityRule["kind"], number> = { below: 50, above: 200, silent: 60 };
const RANGE: Record<QualityRule["kind"], [number, number]> = { below: [1, 99], above: [101, 10_000], silent: [1, 43_200] };

export function RulesPanel({ known }: { known: QualitySeries[] }) {
  const { t } = useTranslation();
  const words = useQualityWords();
  const confirm = useConfirm();
  const { may } = useSession();
  const [edited, setEdited] = useState<QualityRule | "new" | null>(null);
  const rules = useQuery({ queryKey: ["/quality/rules"], queryFn: ({ signal }) => get<{ items: QualityRule[] }>("/quality/rules", { signal }) });
  const drop = useWrite((id: number) => remove(`/quality/rules/${id}`), TOUCHES);
  const items = rules.data?.items ?? [];
  const columns: Column<QualityRule>[] = [
    { key: "rule", title: t("quality.expectation"), cell: (row) => <div className="cell-title"><strong>{words.rule(row)}</strong><span>{words.found(row)}</span></div> },
    { key: "state", title: t("data.state"), cell: (row) => <Status tone={row.enabled ? TONES[row.state] : "neutral"}>{t(row.enabled ? `quality.state_${row.state}` : "quality.state_off")}</Status> },
    { key: "checked", title: t("quality.checked"), wideOnly: true, cell: (row) => <Ago at={row.checked_at} /> },
    {
      key: "actions", title: "", align: "end",
      cell: (row) => may("data.write") && (
        <span className="row">
          <TextButton onClick={() => setEdited(row)}>{t("app.edit")}</TextButton>
          <TextButton className="danger-text" onClick={() => confirm({ title: t("quality.remove_rule"), content: words.rule(row), action: t("app.delete"), danger: true, run: () => drop.mutateAsync(row.id) })}>{t("app.delete")}</TextButton>
        </span>
      ),
    },
  ];
  return (
    <Panel title={t("quality.rules")} help={t("quality.rules_help")} flush={items.length > 0} extra={may("data.write") && <Button onClick={() => setEdited("new")}>{t("quality.new_rule")}</Button>}>
      <Loaded query={rules} rows={2}>
        {() => items.length > 0 ? <DataTable label={t("quality.rules")} columns={columns} rows={items} rowKey={(row) => row.id} /> : <p className="help">{t("quality.no_rules")}</p>}
      </Loaded>
      <Drawer open={edited !== null} onClose={() => setEdited(null)} title={t(edited === "new" ? "quality.new_rule" : "quality.change_rule")} size={420} destroyOnHidden>
        {edited !== null && <RuleForm rule={edited === "new" ? null : edited} known={known} onClose={() => setEdited(null)} />}
      </Drawer>
    </Panel>
  );
}

function RuleForm({ rule, known, onClose }: { rule: QualityRule | null; known: QualitySeries[]; onClose: () => void }) {
  const { t } = useTranslation();
  const words = useQualityWords();
  const save = useWrite((draft: QualityRuleDraft) => (rule ? put<QualityRule>(`/quality/rules/${rule.id}`, draft) : post<QualityRule>("/quality/rules", draft)), TOUCHES);
  const initial: QualityRuleDraft = rule ? { source: rule.source, event: rule.event, kind: rule.kind, threshold: rule.threshold, enabled: rule.enabled } : { source: "", event: "", kind: "below", threshold: USUAL.below, enabled: true };
  const form = useForm({ initial, submit: (draft) => save.mutateAsync(draft) });
  const { kind } = form.values;
  const sources = [...new Set(known.map((row) => row.source))];
  const events = [...new Set(known.map((row) => row.event))];
  return (
    <Form form={form} submitLabel={t("app.save")} onDone={onClose}>
      <Field label={t("data.source")} error={form.errors.source}>
        {(control) => <Pick {...control} value={form.values.source ?? ""} onChange={(source) => form.set("source", source)} options={[{ value: "", label: t("quality.any_source") }, ...sources.map((name) => ({ value: name, label: words.source(name) }))]} />}
      </Field>
      <Field label={t("data.event")} error={form.errors.event}>
        {(control) => <Pick {...control} value={form.values.event ?? ""} onChange={(event) => form.set("event", event)} options={[{ value: "", label: t("quality.any_event") }, ...events.map((name) => ({ value: name, label: words.series(name), keywords: name }))]} />}
      </Field>
      <Field label={t("quality.kind")} help={t(`quality.kind_${kind}_help`)}>
        {() => <div><Segmented value={kind} onChange={(next) => { form.set("kind", next); form.set("threshold", USUAL[next]); }} options={KINDS.map((value) => ({ value, label: t(`quality.kind_${value}`) }))} /></div>}
      </Field>
      <Field label={t(kind === "silent" ? "quality.threshold_minutes" : "quality.threshold_percent")} error={form.errors.threshold}>
        {(control) => <InputNumber {...control} min={RANGE[kind][0]} max={RANGE[kind][1]} precision={0} value={form.values.threshold} onChange={(threshold) => form.set("threshold", threshold ?? USUAL[kind])} />}
      </Field>
      <Field label={t("quality.enabled")}>{(control) => <div><Switch {...control} checked={form.values.enabled} onChange={(enabled) => form.set("enabled", enabled)} /></div>}</Field>
    </Form>
  );
}
