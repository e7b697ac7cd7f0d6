/** Saving a question under a name, or over the one it came from. */
import { useTranslation } from "react-i18next";
import { patch, post } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Analysis, AnalysisQuery } from "../../api/types";
import { usePageSearch } from "../../app/router";
import { useSession } from "../../app/session";
import { Button, Dropdown, useNameDialog, useToast } from "../../ui";
import { useAsOf } from "../identity/AsOf";

export function SaveButton({ query, disabled }: { query: AnalysisQuery; disabled: boolean }) {
  const { t } = useTranslation();
  const ask = useNameDialog();
  const toast = useToast();
  const { may } = useSession();
  const [search, setSearch] = usePageSearch();
  const [identity_as_of] = useAsOf();
  const create = useWrite((name: string) => post<Analysis>("/analyses", { name, description: "", query, identity_as_of }), ["/analyses"]);
  const update = useWrite((id: number) => patch<Analysis>(`/analyses/${id}`, { query, identity_as_of }), ["/analyses"]);
  if (!may("analyses.write")) return null;
  const saveAs = () =>
    ask({
      title: t("analyses.save_as"),
      label: t("app.name"),
      action: t("app.save"),
      run: async (name) => {
        const saved = await create.mutateAsync(name);
        setSearch({ saved: saved.id });
        toast.done(t("app.saved"));
      },
    });
  const { saved } = search;
  if (saved === undefined) return <Button type="primary" disabled={disabled} onClick={saveAs}>{t("app.save")}</Button>;
  return (
    <>
      <Dropdown menu={{ items: [{ key: "as", label: t("analyses.save_as"), onClick: saveAs }] }} trigger={["click"]}>
        <Button>{t("analyses.save_as")}</Button>
      </Dropdown>
      <Button type="primary" disabled={disabled} loading={update.isPending} onClick={() => update.mutate(saved, { onSuccess: () => toast.done(t("app.saved")), onError: toast.failed })}>{t("app.save")}</Button>
    </>
  );
}
