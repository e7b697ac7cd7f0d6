/** A masked value that shows itself for a reason, for a while. */
import { Eye } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { FieldKind, Revealed } from "../../api/types";
import { useSession } from "../../app/session";
import { Field, Form, useForm, useRules } from "../../form";
import { Input, Popover } from "../../ui";
import { usePersonalNames } from "./personal";
import "./personal.css";

/** A revealed value is masked again after this long. */
const SHOWN_MILLIS = 60_000;
const REASON_CHARS_MIN = 2;

interface Props {
  person: number;
  kind: FieldKind;
  name: string;
  /** Which of several identifiers of this kind. */
  at?: number;
  /** The number of the event a property belongs to. */
  event?: number;
  /** As masked. */
  masked: string;
}

export function Reveal({ person, kind, name, at, event, masked }: Props) {
  const { t } = useTranslation();
  const { may } = useSession();
  const names = usePersonalNames();
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState<Revealed | null>(null);
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(() => setShown(null), SHOWN_MILLIS);
    return () => clearTimeout(timer);
  }, [shown]);
  if (shown) return <span className="revealed" title={t("personal.left", { count: shown.left })}>{shown.value}</span>;
  if (!may("people.reveal")) return masked;
  const field = names.field(kind, name);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomLeft"
      arrow={false}
      destroyOnHidden
      content={<Ask title={t("personal.reveal_of", { field })} ask={{ person, kind, name, at: at ?? 0, event }} onDone={(revealed) => { setOpen(false); setShown(revealed); }} />}
    >
      <button type="button" className="about-open reveal" title={t("personal.reveal_of", { field })} aria-label={`${masked} · ${t("personal.reveal_of", { field })}`}>{masked} <Eye size={12} aria-hidden /></button>
    </Popover>
  );
}

interface AskProps {
  title: string;
  ask: { person: number; kind: FieldKind; name: string; at: number; event?: number };
  onDone: (revealed: Revealed) => void;
}

function Ask({ title, ask: { person, ...wanted }, onDone }: AskProps) {
  const { t } = useTranslation();
  const rules = useRules();
  const reveal = useWrite((reason: string) => post<Revealed>(`/people/${person}/reveal`, { ...wanted, reason }), [`/people/${person}/looks`, "/personal/looks", "/personal/viewers"]);
  const form = useForm({
    initial: { reason: "" },
    validate: ({ reason }): Record<string, string> => {
      const missing = rules.required(reason.trim().length < REASON_CHARS_MIN ? "" : reason);
      return missing === undefined ? {} : { reason: missing };
    },
    submit: async ({ reason }) => onDone(await reveal.mutateAsync(reason)),
  });
  return (
    <div className="reveal-ask">
      <h3>{title}</h3>
      <Form form={form} submitLabel={t("personal.reveal")}>
        <Field label={t("personal.reason")} help={t("personal.reveal_help")} error={form.errors.reason}>
          {(control) => <Input {...control} autoFocus maxLength={200} placeholder={t("personal.reason_hint")} value={form.values.reason} onChange={(change) => form.set("reason", change.target.value)} />}
        </Field>
      </Form>
    </div>
  );
}
