/** Finding who asks by anything they say of themselves, in the clear and exactly. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { FoundPeople } from "../../api/types";
import { personTitle, useNames } from "../../app/names";
import { Button, Input, Label, Modal, TextButton } from "../../ui";
import { useErrorText } from "../../ui";

interface Props {
  onClose: () => void;
  onChoose: (person: number) => void;
  /** A request by somebody who gave this as contact. */
  onRequest?: (id: number) => void;
}

export function FindDialog({ onClose, ...rest }: Props) {
  const { t } = useTranslation();
  return (
    <Modal open centered width={520} title={t("rights.find")} footer={null} onCancel={onClose}>
      <Find {...rest} />
    </Modal>
  );
}

/** The same inside of another form. */
export function Find({ onChoose, onRequest }: Omit<Props, "onClose">) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const [text, setText] = useState("");
  const find = useWrite((wanted: string) => post<FoundPeople>("/rights/find", { text: wanted }));
  const start = () => text.trim() !== "" && find.mutate(text.trim());
  return (
    <div className="stack">
      <p className="help">{t("rights.find_help")}</p>
      <div className="row rights-find">
        <Input autoFocus className="grow" maxLength={100} value={text} placeholder={t("rights.find_placeholder")} aria-label={t("rights.find_placeholder")} onChange={(event) => setText(event.target.value)} onPressEnter={(event) => {
          // Inside of a form it would send that.
          event.preventDefault();
          start();
        }} />
        <Button type="primary" onClick={start} loading={find.isPending} disabled={text.trim() === ""}>{t("rights.look_up")}</Button>
      </div>
      {find.error && <p className="field-error" role="alert">{errorText(find.error)}</p>}
      {find.data && <FoundList found={find.data} onChoose={onChoose} onRequest={onRequest} />}
    </div>
  );
}

function FoundList({ found, onChoose, onRequest }: { found: FoundPeople } & Omit<Props, "onClose">) {
  const { t } = useTranslation();
  const names = useNames();
  const nobody = found.people.length === 0;
  return (
    <div className="stack stack-tight" aria-live="polite">
      {nobody && <p className="note tone-neutral">{found.requests.length > 0 ? t("rights.found_requests_only") : t("rights.found_nobody")}</p>}
      <ul className="rights-found">
        {found.people.map(({ person, by, name }) => (
          <li key={person.person}>
            <button type="button" onClick={() => onChoose(person.person)}>
              <span className="strong">{personTitle(person)}</span> <span className="muted">#{person.person}</span>
              <span className="small muted">{person.identifiers.filter((id) => id.namespace !== "device").slice(0, 3).map((id) => `${names.namespace(id.namespace)} ${id.value}`).join(" · ")}</span>
              <Label tone={by === "identifier" ? "success" : "warning"}>{t(`rights.found_by.${by}`, { name: by === "attribute" ? names.property(name) : names.namespace(name) })}</Label>
            </button>
          </li>
        ))}
      </ul>
      {onRequest && found.requests.length > 0 && (
        <p className="small">
          {t("rights.found_requests")} {found.requests.map((id) => <TextButton key={id} onClick={() => onRequest(id)}>#{id}</TextButton>)}
        </p>
      )}
    </div>
  );
}
