/** Sends a test to all receivers of an alert, and shows what became of it. */
import { Send } from "lucide-react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { AlertTelling, Page } from "../../api/types";
import { Button, useToast } from "../../ui";
import { Tellings } from "./Tellings";

export function TellTest({ id, unsaved = false }: { id: number; unsaved?: boolean }) {
  const { t } = useTranslation();
  const toast = useToast();
  const test = useWrite(() => post<Page<AlertTelling>>(`/alerts/${id}/tell`));
  return (
    <div className="stack stack-tight">
      <div>
        <Button icon={<Send size={14} />} disabled={unsaved} loading={test.isPending} onClick={() => test.mutate(undefined, { onError: toast.failed })}>{t("alerts.tell_test")}</Button>
      </div>
      <div role="status">{test.data ? <Tellings items={test.data.items} /> : <p className="help">{t(unsaved ? "alerts.tell_test_unsaved" : "alerts.tell_test_help")}</p>}</div>
    </div>
  );
}
