/** How many stand below somebody, level by level, and under whom of those next to them. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { RelationTree } from "../../api/types";
import { Bar, Loaded, Modal, Num } from "../../ui";
import { Related } from "./RelationsPanel";

export function TreeDialog({ person, kind, onClose }: { person: number; kind: string; onClose: () => void }) {
  const { t } = useTranslation();
  const path = `/people/${person}/relations/${kind}/tree`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => get<RelationTree>(path, { signal }) });
  return (
    <Modal open centered width={560} footer={null} title={t("relations.tree_title")} onCancel={onClose}>
      <Loaded query={query} rows={6}>{(tree) => <Tree tree={tree} />}</Loaded>
    </Modal>
  );
}

function Tree({ tree }: { tree: RelationTree }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...tree.levels);
  const { total, levels, cut } = tree;
  return (
    <div className="stack">
      <p>{cut ? t("relations.below_more", { total }) : t("relations.below", { total, levels: levels.length })}</p>
      <ul className="tree-levels">
        {levels.map((people, at) => (
          <li key={at}>
            <span className="small muted">{t("relations.tree_level", { level: at + 1 })}</span>
            <Bar share={people / most} />
            <span className="num"><Num value={people} /></span>
          </li>
        ))}
      </ul>
      <ul className="related-all">
        {tree.branches.map((branch) => (
          <li key={branch.other.person}>
            <Related related={branch} />
            <span className="small muted num">{branch.direct > 0 && `${t("relations.tree_direct")} ${branch.direct} · ${t("relations.tree_below")} ${branch.below}`}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
