/** One more tile: a saved analysis, or the way to a new question. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { Analysis, Dashboard } from "../../api/types";
import { useGo } from "../../app/router";
import { paths } from "../../paths";
import { Button, Drawer, Input, Label, Loaded, matches, useToast } from "../../ui";

interface AddTileProps {
  dashboard: Dashboard;
  open: boolean;
  onClose: () => void;
}

export function AddTile({ dashboard, open, onClose }: AddTileProps) {
  const { t } = useTranslation();
  return (
    <Drawer open={open} onClose={onClose} title={t("dashboards.add_tile")} size={440} destroyOnHidden>
      {open && <Choices dashboard={dashboard} />}
    </Drawer>
  );
}

function Choices({ dashboard }: { dashboard: Dashboard }) {
  const { t } = useTranslation();
  const go = useGo();
  const toast = useToast();
  const [text, setText] = useState("");
  const list = useList<Analysis>("/analyses", { limit: 200 });
  const add = useWrite((analysis: number) => post<Dashboard>(`/dashboards/${dashboard.id}/tiles`, { asks: { kind: "analysis", analysis } }), ["/dashboards"]);
  const shown = (row: Analysis) => dashboard.tiles.some((tile) => tile.asks.kind === "analysis" && tile.asks.analysis === row.id);
  return (
    <div className="stack">
      <div className="row">
        <Input autoFocus aria-label={t("dashboards.find_analysis")} placeholder={t("dashboards.find_analysis")} value={text} onChange={(event) => setText(event.target.value)} style={{ flex: 1 }} />
        <Button onClick={() => go(paths.trend)}>{t("dashboards.new_question")}</Button>
      </div>
      <p className="help">{t("dashboards.new_question_help")}</p>
      <Loaded query={{ data: list.items, error: list.error, refetch: list.refetch }}>
        {(rows) => (rows.length === 0 ? <p className="help">{t("analyses.empty")}</p> : (
          <ul className="choices">
            {rows.filter((row) => matches(text, row.name)).map((row) => (
              <li key={row.id}>
                <button type="button" disabled={add.isPending} onClick={() => add.mutate(row.id, { onSuccess: () => toast.done(t("dashboards.added", { name: dashboard.name })), onError: toast.failed })}>
                  <span className="grow ellipsis">{row.name}</span>
                  {shown(row) && <span className="muted small">{t("dashboards.shown_already")}</span>}
                  <Label>{t(`nav.${row.query.kind}`)}</Label>
                </button>
              </li>
            ))}
          </ul>
        ))}
      </Loaded>
      {list.hasNextPage && <Button onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>{t("table.more")}</Button>}
    </div>
  );
}
