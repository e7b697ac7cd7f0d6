/** Taking back a decision, for a reason; says so where the people stay one all the same. */
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Decided } from "../../api/types";
import { useNameDialog, useToast } from "../../ui";

export function useUndo(onUndone: () => void): (decision: number) => void {
  const { t } = useTranslation();
  const toast = useToast();
  const ask = useNameDialog();
  const undo = useWrite(({ id, reason }: { id: number; reason: string }) => post<Decided>(`/identity/decisions/${id}/undo`, { reason }), ["/people", "/identity", "/segments"]);
  return (id) =>
    ask({
      title: t("identity.undo_title"),
      label: t("identity.reason"),
      action: t("identity.undo"),
      run: async (reason) => {
        const done = await undo.mutateAsync({ id, reason });
        toast.done(t(done.still_together ? "identity.still_together" : "identity.undone"));
        onUndone();
      },
    });
}
