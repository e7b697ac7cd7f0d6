/** From a question to a tile: choose a dashboard, or name a new one. */
import { LayoutDashboard } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { get, post } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { Analysis, AnalysisQuery, Dashboard, DashboardItem, NewTile } from "../../api/types";
import { useGo, usePageSearch } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { Button, Dropdown, useNameDialog, useToast, type MenuProps } from "../../ui";
import { useAsOf } from "../identity/AsOf";
import { sameQuestion } from "./questions";
import { useQuestionTitle } from "./questionTitle";

const TITLE_CHARS_MAX = 100;

export function AddToDashboard({ query, disabled }: { query: AnalysisQuery; disabled: boolean }) {
  const { t } = useTranslation();
  const { may } = useSession();
  const go = useGo();
  const ask = useNameDialog();
  const toast = useToast();
  const titleOf = useQuestionTitle();
  const [open, setOpen] = useState(false);
  const [search] = usePageSearch();
  const [identity_as_of] = useAsOf();
  const list = useList<DashboardItem>("/dashboards", {}, open);
  // A saved analysis that is as it was saved is shown as such: the tile then follows what becomes of it.
  const saved = useQuery({ queryKey: ["/analyses", search.saved], queryFn: ({ signal }) => get<Analysis>(`/analyses/${search.saved}`, { signal }), enabled: open && search.saved !== undefined });
  const tile = (): NewTile => {
    const same = saved.data && (saved.data.identity_as_of ?? undefined) === identity_as_of && sameQuestion(saved.data.query, query);
    if (same) return { asks: { kind: "analysis", analysis: saved.data.id } };
    return { title: titleOf(query).slice(0, TITLE_CHARS_MAX), asks: { kind: "question", query, identity_as_of } };
  };
  const add = useWrite((id: number) => post<Dashboard>(`/dashboards/${id}/tiles`, tile()), ["/dashboards"]);
  const create = useWrite((name: string) => post<Dashboard>("/dashboards", { name, tiles: [tile()] }), ["/dashboards"]);
  if (!may("analyses.write")) return null;
  const addTo = (row: DashboardItem) => add.mutate(row.id, { onSuccess: () => toast.done(t("dashboards.added", { name: row.name })), onError: toast.failed });
  const addToNew = () =>
    ask({
      title: t("dashboards.new"),
      label: t("dashboards.name_example"),
      action: t("dashboards.create"),
      run: async (name) => {
        const made = await create.mutateAsync(name);
        toast.done(t("dashboards.added", { name }));
        go(paths.dashboard(made.id));
      },
    });
  const rows = list.items ?? [];
  const items: MenuProps["items"] = [
    ...rows.map((row) => ({ key: row.id, label: row.name, onClick: () => addTo(row) })),
    ...(rows.length > 0 ? [{ type: "divider" as const }] : []),
    { key: "new", label: t("dashboards.new_ellipsis"), onClick: addToNew },
  ];
  return (
    <Dropdown open={open} onOpenChange={setOpen} disabled={disabled} menu={{ items, style: { maxHeight: 360, overflowY: "auto" } }} trigger={["click"]} placement="bottomRight">
      <Button icon={<LayoutDashboard size={15} />} loading={add.isPending} aria-label={t("dashboards.add_to")}><span className="wide-only-inline">{t("dashboards.add_to")}</span></Button>
    </Dropdown>
  );
}
