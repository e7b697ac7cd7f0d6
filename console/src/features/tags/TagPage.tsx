/** One tag: who has which value. */
import { useQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { get, post, remove } from "../../api/client";
import { useWrite } from "../../api/query";
import type { Condition, Tag } from "../../api/types";
import { useNames } from "../../app/names";
import { useGo, useIdParam } from "../../app/router";
import { useSession } from "../../app/session";
import { Distribution } from "../../chart";
import { ConditionLines, rangeText } from "../../condition";
import { paths } from "../../paths";
import { Ago, Button, Empty, Label, Loaded, Num, Page, Panel, Stat, useConfirm, useToast, type MenuProps } from "../../ui";
import { TagStatus } from "./TagStatus";

const COMPUTING_REFRESH_MILLIS = 1_500;

export default function TagPage() {
  const { t } = useTranslation();
  const go = useGo();
  const id = useIdParam();
  const { may } = useSession();
  const toast = useToast();
  const confirm = useConfirm();
  const query = useQuery({
    queryKey: ["/tags", id],
    queryFn: ({ signal }) => get<Tag>(`/tags/${id}`, { signal }),
    refetchInterval: (q) => (q.state.data && q.state.data.state === "queued" ? COMPUTING_REFRESH_MILLIS : false),
  });
  const compute = useWrite(() => post(`/tags/${id}/compute`), ["/tags", "/jobs"]);
  const drop = useWrite(() => remove(`/tags/${id}`), ["/tags"]);
  const tag = query.data;
  const more: MenuProps["items"] = [
    { key: "edit", label: t("app.edit"), onClick: () => go(paths.editTag(id)) },
    {
      key: "delete",
      danger: true,
      label: t("app.delete"),
      onClick: () =>
        confirm({
          title: t("tags.delete_title", { name: tag?.display ?? "" }),
          content: t("tags.delete_text"),
          action: t("app.delete"),
          danger: true,
          run: async () => {
            await drop.mutateAsync(undefined);
            toast.done(t("app.deleted"));
            go(paths.tags);
          },
        }),
    },
  ];
  return (
    <Page
      title={tag?.display || tag?.name || t("tags.tag")}
      status={tag && <TagStatus tag={tag} />}
      description={tag?.description}
      back={{ label: t("nav.tags"), onClick: () => go(paths.tags) }}
      more={may("tags.write") ? more : undefined}
      moreLabel={t("app.more")}
      primary={may("tags.write") && <Button icon={<RefreshCw size={14} />} loading={compute.isPending} onClick={() => compute.mutate(undefined, { onError: toast.failed })}>{t("tags.compute")}</Button>}
    >
      <Loaded query={query}>{(data) => <Body tag={data} />}</Loaded>
    </Page>
  );
}

function Body({ tag }: { tag: Tag }) {
  const { t } = useTranslation();
  const names = useNames();
  const go = useGo();
  const open = (value: string) => {
    const condition: Condition = { kind: "all", of: [{ kind: "tag", tag: tag.id, test: { op: "is", values: [value] } }] };
    go(paths.newSegment, { condition });
  };
  return (
    <>
      <div className="stats">
        <Stat label={t("tags.coverage")}><Num value={tag.coverage} /></Stat>
        <Stat label={t("tags.value_count")}><Num value={tag.values.length} /></Stat>
        <Stat label={t("tags.computed")}><Ago at={tag.computed_at} /></Stat>
      </div>
      {tag.error && <div className="note tone-danger"><p>{t("tags.failed", { reason: tag.error })}</p></div>}
      <div className="halves">
        <Panel title={t("tags.distribution")} help={t("tags.distribution_help")}>
          {tag.values.length === 0 ? <Empty title={t("tags.not_computed")} /> : <Distribution rows={tag.values.map((item) => ({ key: item.value, name: names.tagValue(item.value), value: item.people }))} total={tag.coverage} onOpen={open} />}
        </Panel>
        <Panel title={t("tags.definition")} extra={<Label>{t(`tags.kind_${tag.definition.kind}`)}</Label>}><Definition tag={tag} /></Panel>
      </div>
    </>
  );
}

function Definition({ tag }: { tag: Tag }) {
  const { t } = useTranslation();
  const names = useNames();
  const { definition } = tag;
  switch (definition.kind) {
    case "attribute":
      return <p>{t("tags.from_attribute", { attribute: names.property(definition.attribute) })}{definition.buckets && definition.buckets.length > 0 && ` · ${t("tags.buckets")} ${definition.buckets.join(", ")}`}</p>;
    case "rule":
      return (
        <dl className="pairs">
          {definition.values.map((rule) => (
            <div key={rule.value} style={{ display: "contents" }}>
              <dt className="strong">{rule.value}</dt>
              <dd><ConditionLines condition={rule.condition} /></dd>
            </div>
          ))}
          {definition.otherwise && (
            <>
              <dt className="strong">{definition.otherwise}</dt>
              <dd className="muted">{t("tags.otherwise")}</dd>
            </>
          )}
        </dl>
      );
    case "given":
      return <p>{definition.column ? t("tags.given_text", { column: definition.column }) : t("tags.given_plain")}</p>;
    case "rfm":
      return <p>{t("tags.rfm_text", { event: names.event(definition.event), amount: names.property(definition.amount), window: rangeText(definition.window, t) })}</p>;
  }
}
