/** After a split: both people beside each other, a way to each, and a way back. */
import { Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { Decided, PersonRow } from "../../api/types";
import { personTitle } from "../../app/names";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { Button, Label, Loaded, Modal, useFormats } from "../../ui";
import { Named } from "./Named";
import { useUndo } from "./useUndo";

export function SplitDone({ decided, here, onClose }: { decided: Decided; here: number; onClose: () => void }) {
  const { t } = useTranslation();
  const undo = useUndo(onClose);
  const footer = (
    <div className="spread">
      <Button icon={<Undo2 size={14} />} onClick={() => undo(decided.id)}>{t("identity.undo")}</Button>
      <Button type="primary" onClick={onClose}>{t("app.done")}</Button>
    </div>
  );
  return (
    <Modal open centered width={560} title={t("identity.split_done_title")} footer={footer} onCancel={onClose}>
      <div className="stack">
        <p className="help">{t("identity.split_done_help")}</p>
        <div className="split-done">{decided.people.map((person) => <Half key={person} person={person} here={person === here} onOpen={onClose} />)}</div>
      </div>
    </Modal>
  );
}

function Half({ person, here, onOpen }: { person: number; here: boolean; onOpen: () => void }) {
  const { t } = useTranslation();
  const format = useFormats();
  const found = useList<PersonRow>("/people", { query: `#${person}`, limit: 1 });
  return (
    <div className="split-half">
      <Loaded query={{ ...found, data: found.items }} rows={3}>
        {([one]) => one && (
          <>
            <div className="spread">
              <Link to={paths.person(one.person)} onClick={onOpen}><strong>{personTitle(one)}</strong></Link>
              {here ? <Label>{t("identity.this_person")}</Label> : <Label>#{one.person}</Label>}
            </div>
            <div className="row row-tight">{one.identifiers.map((id) => <Named key={`${id.namespace}${id.value}`} id={id} />)}</div>
            <p className="small muted">{t("identity.events_of", { count: one.event_count, formatted: format.number(one.event_count) })}</p>
          </>
        )}
      </Loaded>
    </div>
  );
}
