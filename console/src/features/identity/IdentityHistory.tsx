/** How a person came to be, latest first; what somebody decided can be undone from here. */
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { IdentityStep, PersonIdentity } from "../../api/types";
import { useSession } from "../../app/session";
import { Button, DateTime, Drawer, Empty, Label } from "../../ui";
import { Named } from "./Named";
import { useUndo } from "./useUndo";

const AT_ONCE = 50;

export function IdentityHistory({ identity, onClose }: { identity: PersonIdentity; onClose: () => void }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(AT_ONCE);
  const steps = identity.history;
  return (
    <Drawer open title={t("identity.history")} size={520} onClose={onClose}>
      {steps.length === 0 ? (
        <Empty title={t("identity.no_history")}>{t("identity.no_history_text")}</Empty>
      ) : (
        <>
          <ol className="identity-steps">
            {steps.slice(0, shown).map((step, at) => (
              // A history only grows at its beginning, and is asked anew then.
              // oxlint-disable-next-line react/no-array-index-key
              <Step key={at} step={step} onUndone={onClose} />
            ))}
          </ol>
          {steps.length > shown && <Button onClick={() => setShown(shown + AT_ONCE)}>{t("app.more")}</Button>}
          {identity.history_total > steps.length && <p className="help">{t("identity.history_cut", { count: identity.history_total })}</p>}
        </>
      )}
    </Drawer>
  );
}

function Step({ step, onUndone }: { step: IdentityStep; onUndone: () => void }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const start = useUndo(onUndone);
  const { decision } = step;
  return (
    <li>
      <div className="spread">
        <strong>{t(`identity.steps.${step.kind as "linked"}`)}</strong>
        <span className="small muted"><DateTime at={step.at} /></span>
      </div>
      <div className="row row-tight">
        {step.identifiers.map((id) => <Named key={`${id.namespace}${id.value}`} id={id} />)}
      </div>
      {decision ? (
        <div className="spread">
          <span className="help">{decision.by}：{decision.reason}</span>
          {typeof decision.undone_by === "number" && <Label>{t("identity.was_undone")}</Label>}
          {decision.undoable && may("identity.manage") && <Button size="small" icon={<Undo2 size={14} />} onClick={() => start(decision.id)}>{t("identity.undo")}</Button>}
        </div>
      ) : (
        <span className="help">{t(step.strong ? "identity.said_by" : "identity.seen_by", { source: step.source })}</span>
      )}
    </li>
  );
}
