/** Saving a statement under a name, or over the one it came from. */
import { useTranslation } from "react-i18next";
import { patch, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { SqlParam, SqlQuery, SqlView } from "../../api/types";
import { useSession } from "../../app/session";
import { Button, useNameDialog, useToast } from "../../ui";

interface SaveQueryProps {
  sql: string;
  params: SqlParam[];
  view: SqlView;
  saved: number | undefined;
  onSaved: (id: number) => void;
}

export function SaveQuery({ sql, params, view, saved, onSaved }: SaveQueryProps) {
  const { t } = useTranslation();
  const ask = useNameDialog();
  const toast = useToast();
  const { may } = useSession();
  const body = { sql, params, view };
  const create = useWrite((name: string) => post<SqlQuery>("/sql/queries", { name, ...body }), ["/sql/queries"]);
  const update = useWrite((id: number) => patch<SqlQuery>(`/sql/queries/${id}`, body), ["/sql/queries"]);
  if (!may("analyses.write")) return null;
  const disabled = sql.trim() === "";
  const saveAs = () =>
    ask({
      title: t("sql.save_as"),
      label: t("app.name"),
      action: t("app.save"),
      run: async (name) => {
        const made = await create.mutateAsync(name);
        onSaved(made.id);
        toast.done(t("app.saved"));
      },
    });
  if (saved === undefined) return <Button disabled={disabled} onClick={saveAs}>{t("app.save")}</Button>;
  return (
    <>
      <Button disabled={disabled} onClick={saveAs}>{t("sql.save_as")}</Button>
      <Button disabled={disabled} loading={update.isPending} onClick={() => update.mutate(saved, { onSuccess: () => toast.done(t("app.saved")), onError: toast.failed })}>{t("app.save")}</Button>
    </>
  );
}
