/** Who is told of an alert outside of the console. */
import { useQuery } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Channel, Page, Receiver } from "../../api/types";
import { Link } from "../../app/router";
import { Field, type FieldErrors } from "../../form";
import { paths } from "../../paths";
import { Button, Input, Pick } from "../../ui";
import "./alerts.css";
import { addressOf, placeOf, RECEIVER_KINDS, receiverOf, RECEIVERS_MAX } from "./receivers";

interface TellFieldsProps {
  value: Receiver[];
  errors: FieldErrors;
  onChange: (tell: Receiver[]) => void;
}

export function TellFields({ value, errors, onChange }: TellFieldsProps) {
  const { t } = useTranslation();
  const channels = useQuery({ queryKey: ["/channels"], queryFn: ({ signal }) => get<Page<Channel>>("/channels", { signal }) });
  // Until it is known, nobody is told that something is missing.
  const isSet = (kind: Receiver["kind"]) => channels.data?.items.find((channel) => channel.id === kind)?.configured ?? true;
  const usual = RECEIVER_KINDS.find(isSet) ?? "email";
  const ofOne = value.some((receiver, at) => errors[placeOf(receiver, at)] !== undefined);
  return (
    <Field label={t("alerts.tell")} optional help={t("alerts.tell_help")} error={ofOne ? undefined : errors.tell}>
      {() => (
        <div className="stack stack-tight">
          {value.map((receiver, at) => (
            <ReceiverRow
              // Rows have nothing but their place by which they stay the same while they are typed.
              key={at}
              receiver={receiver}
              isSet={isSet(receiver.kind)}
              error={errors[placeOf(receiver, at)]}
              onChange={(next) => onChange(value.with(at, next))}
              onRemove={() => onChange(value.toSpliced(at, 1))}
            />
          ))}
          {value.length < RECEIVERS_MAX && <div><Button icon={<Plus size={14} />} onClick={() => onChange([...value, receiverOf(usual, "")])}>{t("alerts.tell_add")}</Button></div>}
        </div>
      )}
    </Field>
  );
}

interface RowProps {
  receiver: Receiver;
  isSet: boolean;
  error?: string;
  onChange: (receiver: Receiver) => void;
  onRemove: () => void;
}

function ReceiverRow({ receiver, isSet, error, onChange, onRemove }: RowProps) {
  const { t } = useTranslation();
  const { kind } = receiver;
  const address = addressOf(receiver);
  return (
    <div className="stack stack-tight">
      <div className="alert-receiver">
        <Pick aria-label={t("alerts.tell_kind")} value={kind} onChange={(next) => onChange(receiverOf(next, address))} options={RECEIVER_KINDS.map((one) => ({ value: one, label: t(`campaigns.channel_${one}`) }))} />
        <Input
          type={kind === "email" ? "email" : "url"}
          aria-label={t(`alerts.tell_address_${kind}`)}
          aria-invalid={error !== undefined}
          status={error === undefined ? undefined : "error"}
          autoFocus={address === ""}
          placeholder={kind === "email" ? "ops@example.com" : "https://example.com/hooks/alerts"}
          value={address}
          onChange={(event) => onChange(receiverOf(kind, event.target.value))}
        />
        <Button type="text" icon={<Trash2 size={15} />} aria-label={t("alerts.tell_remove")} onClick={onRemove} />
      </div>
      {error !== undefined && <p className="field-error" role="alert">{error}</p>}
      {!isSet && <p className="help">{t(`alerts.tell_unset_${kind}`)} <Link to={paths.channels}>{t("alerts.tell_set_up")}</Link></p>}
    </div>
  );
}
