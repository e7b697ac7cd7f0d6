/** Everybody a person is related with in one way, such as the customers of one of the staff. */
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { RelatedPerson, RelationSide } from "../../api/types";
import { Button, Loaded, Modal } from "../../ui";
import { Related } from "./RelationsPanel";

interface AllRelatedProps {
  person: number;
  kind: string;
  side: RelationSide;
  title: string;
  onClose: () => void;
}

export function AllRelated({ person, kind, side, title, onClose }: AllRelatedProps) {
  const { t } = useTranslation();
  const list = useList<RelatedPerson>(`/people/${person}/relations/${kind}`, { side, limit: 50 });
  return (
    <Modal open centered width={520} footer={null} title={`${title} · ${t("relations.all", { count: list.total ?? 0 })}`} onCancel={onClose}>
      <Loaded query={{ ...list, data: list.items }} rows={6}>
        {(items) => (
          <>
            <ul className="related-all">{items.map((related) => <li key={related.other.person}><Related related={related} /></li>)}</ul>
            {list.hasNextPage && <Button loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("table.more")}</Button>}
          </>
        )}
      </Loaded>
    </Modal>
  );
}
