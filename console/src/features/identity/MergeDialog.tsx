/** Making one person of two: find the other, choose what stays current, say why. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { Decided, MergePreview, PersonRow } from "../../api/types";
import { personTitle, useNames } from "../../app/names";
import { useGo } from "../../app/router";
import { useDebounced } from "../../app/useDebounced";
import { paths } from "../../paths";
import { ErrorView, Input, Label, Modal, Radio, useToast } from "../../ui";
import { asApiError } from "../../api/errors";
import { resolved, splitNamespace } from "./identity";

interface MergeDialogProps {
  person: number;
  /** Chosen already, as from a conflict. */
  other?: number;
  onClose: () => void;
}

const FOUND_MAX = 6;

export function MergeDialog({ person, other: given, onClose }: MergeDialogProps) {
  const { t } = useTranslation();
  const toast = useToast();
  const go = useGo();
  const [other, setOther] = useState(given ?? null);
  const [reason, setReason] = useState("");
  const [former, setFormer] = useState<number[]>([]);
  const preview = useQuery({
    queryKey: ["/identity/merge", person, other],
    queryFn: () => post<MergePreview>(`/people/${person}/merge/preview`, { with: other }),
    enabled: other !== null,
  });
  const merge = useWrite(() => post<Decided>(`/people/${person}/merge`, { with: other, reason, former }), ["/people", "/identity", "/segments"]);
  const ready = preview.data !== undefined && !preview.data.already_one && resolved(preview.data.contradicting, former) && reason.trim() !== "";
  const start = () =>
    merge.mutate(undefined, {
      onSuccess: (done) => {
        toast.done(t("identity.merged"));
        onClose();
        go(paths.person(done.people[0] ?? person));
      },
      onError: toast.failed,
    });
  return (
    <Modal open centered width={560} title={t("identity.merge_title")} okText={t("identity.merge_now")} cancelText={t("app.cancel")} okButtonProps={{ disabled: !ready, loading: merge.isPending }} onOk={start} onCancel={onClose}>
      <div className="stack">
        <p className="help">{t("identity.merge_help")}</p>
        {given === undefined && <FindOther person={person} other={other} onPick={(next) => { setOther(next); setFormer([]); }} />}
        {preview.error && <ErrorView error={asApiError(preview.error)} onRetry={() => void preview.refetch()} />}
        {preview.data?.already_one && <p>{t("identity.already_one")}</p>}
        {preview.data && preview.data.contradicting.length > 0 && <Choose preview={preview.data} former={former} onChange={setFormer} />}
        {other !== null && (
          <label className="stack stack-tight">
            {t("identity.reason")}
            <Input maxLength={500} value={reason} placeholder={t("identity.merge_reason")} onChange={(event) => setReason(event.target.value)} />
          </label>
        )}
      </div>
    </Modal>
  );
}

function FindOther({ person, other, onPick }: { person: number; other: number | null; onPick: (person: number) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const query = useDebounced(text.trim(), 250);
  const found = useList<PersonRow>("/people", { query, limit: FOUND_MAX + 1 }, query !== "");
  const others = found.items?.filter((item) => item.person !== person).slice(0, FOUND_MAX) ?? [];
  return (
    <div className="stack stack-tight">
      <Input autoFocus allowClear aria-label={t("identity.find_other")} placeholder={t("people.search_placeholder")} value={text} onChange={(event) => setText(event.target.value)} />
      {query !== "" && found.isSuccess && others.length === 0 && <p className="help">{t("identity.nobody_found")}</p>}
      {others.length > 0 && (
        <Radio.Group className="identity-found" value={other} onChange={(event) => onPick(Number(event.target.value))}>
          {others.map((item) => (
            <Radio key={item.person} value={item.person}>
              <span className="grow">{personTitle(item)}</span> <Label>#{item.person}</Label>
            </Radio>
          ))}
        </Radio.Group>
      )}
    </div>
  );
}

function Choose({ preview, former, onChange }: { preview: MergePreview; former: number[]; onChange: (former: number[]) => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const kinds = [...new Set(preview.contradicting.map((held) => held.namespace))];
  return (
    <div className="stack stack-tight">
      <p>{t("identity.choose_current")}</p>
      {kinds.map((kind) => {
        const values = preview.contradicting.filter((held) => held.namespace === kind);
        const others = former.filter((node) => !values.some((held) => held.node === node));
        const current = values.find((held) => !former.includes(held.node) && former.some((node) => values.some((value) => value.node === node)));
        return (
          <Radio.Group key={kind} aria-label={names.namespace(kind)} value={current?.node ?? null} onChange={(event) => onChange([...others, ...values.map((held) => held.node).filter((node) => node !== Number(event.target.value))])}>
            <span className="identity-kind">{names.namespace(splitNamespace(kind)[0])}</span>
            {values.map((held) => <Radio key={held.node} value={held.node}>{held.value}</Radio>)}
          </Radio.Group>
        );
      })}
    </div>
  );
}
