/** What other rules would change, shown before they are put in force. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post, put } from "../../api/client";
import { asApiError } from "../../api/errors";
import { useWrite } from "../../api/query";
import type { IdentityRehearsal, IdentityRules } from "../../api/types";
import { useNames } from "../../app/names";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import { Checkbox, ErrorView, Input, Modal, Num, Skeleton, Stat, useToast } from "../../ui";
import { Named } from "./Named";

const hashed = (rules: IdentityRules) => rules.namespaces.filter((kind) => kind.hash_at_rest === true).map((kind) => kind.name);

export function EnactDialog({ rules, inForce, onClose }: { rules: IdentityRules; inForce: IdentityRules; onClose: () => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const hashing = hashed(rules).filter((kind) => !hashed(inForce).includes(kind)).map((kind) => names.namespace(kind));
  const toast = useToast();
  const [reason, setReason] = useState("");
  const [redecide, setRedecide] = useState(false);
  const tried = useQuery({ queryKey: ["/identity/rehearse", rules], queryFn: () => post<IdentityRehearsal>("/identity/rules/rehearse", rules), retry: false });
  const enact = useWrite(() => put<IdentityRules>("/identity/rules", { rules, redecide, reason }), ["/identity", "/people", "/segments"]);
  // A promise, because the table of rules, and this dialog with it, is drawn anew once they are in force.
  const start = () => {
    enact
      .mutateAsync(undefined)
      .then(() => {
        toast.done(t("identity.enacted"));
        onClose();
      })
      .catch(toast.failed);
  };
  return (
    <Modal open centered width={640} title={t("identity.try_title")} okText={t("identity.enact")} cancelText={t("app.cancel")} okButtonProps={{ disabled: !tried.data || reason.trim() === "", loading: enact.isPending }} onOk={start} onCancel={onClose}>
      <div className="stack">
        {tried.isPending && <Skeleton rows={4} />}
        {tried.error && <ErrorView error={asApiError(tried.error)} onRetry={() => void tried.refetch()} />}
        {tried.data && (
          <>
            <Tried tried={tried.data} />
            {hashing.length > 0 && <p className="note tone-warning" role="status">{t("identity.hash_warning", { kinds: hashing.join(t("condition.list_separator")) })}</p>}
            <Checkbox checked={redecide} onChange={(event) => setRedecide(event.target.checked)}>{t("identity.redecide", { count: tried.data.affected })}</Checkbox>
            <label className="stack stack-tight">
              {t("identity.reason")}
              <Input maxLength={500} value={reason} placeholder={t("identity.rules_reason")} onChange={(event) => setReason(event.target.value)} />
            </label>
          </>
        )}
      </div>
    </Modal>
  );
}

function Tried({ tried }: { tried: IdentityRehearsal }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="help">{t("identity.try_help", { count: tried.links })}</p>
      <div className="stats">
        <Stat label={t("identity.people_before")}><Num value={tried.people_before} /></Stat>
        <Stat label={t("identity.people_after")}><Num value={tried.people_after} /></Stat>
        <Stat label={t("identity.affected")}><Num value={tried.affected} /></Stat>
      </div>
      {tried.sample.length > 0 && (
        <ul className="identity-sample">
          {tried.sample.map((one) => (
            <li key={one.person}>
              <Link to={paths.person(one.person)}>#{one.person}</Link>
              {one.groups.map((group) => (
                <span className="row row-tight identity-group" key={group.map((id) => `${id.namespace}${id.value}`).join()}>
                  {group.map((id) => <Named key={`${id.namespace}${id.value}`} id={id} />)}
                </span>
              ))}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
