/** All segments. */
import { UsersRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useList } from "../../api/query";
import type { Segment } from "../../api/types";
import { Link, useGo } from "../../app/router";
import { useSession } from "../../app/session";
import { Spark } from "../../chart";
import { conditionText, useDictionary } from "../../condition";
import { paths } from "../../paths";
import { ListTable, type Column } from "../../table";
import { Ago, Button, Empty, Label, Num, Page } from "../../ui";

export default function SegmentsPage() {
  const { t } = useTranslation();
  const go = useGo();
  const { may } = useSession();
  const dictionary = useDictionary();
  const list = useList<Segment>("/segments");
  const columns: Column<Segment>[] = [
    {
      key: "name",
      title: t("segments.segment"),
      sort: (row) => row.name,
      cell: (row) => (
        <div className="cell-title">
          <Link to={paths.segment(row.id)}>{row.name}</Link>
          <span className="line-clamp" title={row.kind === "dynamic" ? conditionText(row.condition, dictionary) : undefined}>{row.description || (row.kind === "dynamic" ? conditionText(row.condition, dictionary) : t("segments.snapshot_of"))}</span>
        </div>
      ),
    },
    { key: "kind", title: t("segments.kind"), wideOnly: true, cell: (row) => <Label tone={row.kind === "dynamic" ? "brand" : "neutral"}>{t(`segments.kind_${row.kind}`)}</Label> },
    { key: "count", title: t("segments.people"), align: "end", sort: (row) => row.count, cell: (row) => <span className="strong"><Num value={row.count} /></span> },
    { key: "history", title: t("segments.history"), wideOnly: true, cell: (row) => <Spark values={row.history.map((point) => point.count)} label={t("segments.history")} /> },
    { key: "computed", title: t("tags.computed"), wideOnly: true, sort: (row) => row.computed_at ?? "", cell: (row) => <Ago at={row.computed_at} /> },
  ];
  const create = may("segments.write") && <Button type="primary" onClick={() => go(paths.newSegment)}>{t("palette.new_segment")}</Button>;
  return (
    <Page title={t("nav.segments")} description={t("segments.help")} primary={create}>
      <ListTable
        id="segments"
        label={t("nav.segments")}
        list={list}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={(row) => go(paths.segment(row.id))}
        empty={
          <Empty icon={<UsersRound size={28} strokeWidth={1.5} />} title={t("segments.empty")} action={create}>
            <p>{t("segments.empty_text")}</p>
            <p className="example">{t("segments.example")}</p>
          </Empty>
        }
      />
    </Page>
  );
}
