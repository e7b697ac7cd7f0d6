/** What holds of an attribute when identifiers of one person say different things. */
import { useTranslation } from "react-i18next";
import { useAttributes } from "../../api/catalog";
import { put } from "../../api/client";
import { useWrite } from "../../api/query";
import type { MergePolicy as Policy } from "../../api/types";
import { useSession } from "../../app/session";
import { Pick, useToast } from "../../ui";

const POLICIES: readonly Policy[] = ["latest", "first", "largest", "smallest", "sum", "union", "priority"];

export function MergePolicy({ attribute }: { attribute: string }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const toast = useToast();
  const change = useWrite((policy: Policy) => put(`/attributes/${encodeURIComponent(attribute)}/policy`, { policy }), ["/attributes", "/people"]);
  const known = useAttributes().data?.find((item) => item.name === attribute);
  // Declared, and nobody has it yet: there is nothing to merge.
  if (!known) return null;
  return (
    <div className="stack stack-tight">
      <label className="row">
        <strong>{t("people.policy")}</strong>
        <Pick
          style={{ minWidth: 180 }}
          aria-label={t("people.policy")}
          disabled={!may("data.write")}
          loading={change.isPending}
          value={change.isPending ? change.variables : known.policy}
          options={POLICIES.map((policy) => ({ value: policy, label: t(`people.policies.${policy}`) }))}
          onChange={(policy) => change.mutate(policy, { onSuccess: () => toast.done(t("people.policy_saved")), onError: toast.failed })}
        />
      </label>
      <p className="help">{t("people.policy_help")}</p>
    </div>
  );
}
