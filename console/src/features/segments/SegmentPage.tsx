/** One segment: what it means, how many, since when, and who. */
import { useQuery } from "@tanstack/react-query";
import { Download, RefreshCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { download, get, post, remove } from "../../api/client";
import { useList, useWrite } from "../../api/query";
import type { Campaign, PersonRow, Segment } from "../../api/types";
import { Link, useGo, useIdParam } from "../../app/router";
import { useSession } from "../../app/session";
import { Area } from "../../chart";
import { ConditionLines } from "../../condition";
import { paths } from "../../paths";
import { Ago, Button, Empty, Label, Loaded, Num, Page, Panel, Stat, useConfirm, useFormats, useToast, type MenuProps } from "../../ui";
import { newCampaign } from "../campaigns/draft";
import { PeopleTable } from "../people/PeopleTable";
import { FlowPanel } from "./FlowPanel";

export default function SegmentPage() {
  const { t } = useTranslation();
  const go = useGo();
  const id = useIdParam();
  const toast = useToast();
  const confirm = useConfirm();
  const { may } = useSession();
  const query = useQuery({ queryKey: ["/segments", id], queryFn: ({ signal }) => get<Segment>(`/segments/${id}`, { signal }) });
  const drop = useWrite(() => remove(`/segments/${id}`), ["/segments"]);
  const refresh = useWrite(() => post(`/segments/${id}/refresh`), ["/segments", "/jobs"]);
  const campaign = useWrite((segment: Segment) => post<Campaign>("/campaigns", newCampaign(t("campaigns.for_segment", { name: segment.name }), segment.id)), ["/campaigns"]);
  const segment = query.data;
  const dynamic = segment?.kind === "dynamic";
  const more: NonNullable<MenuProps["items"]> = [];
  if (dynamic) {
    more.push({ key: "refresh", icon: <RefreshCw size={14} />, label: t("segments.refresh"), onClick: () => refresh.mutate(undefined, { onError: toast.failed }) });
    more.push({ key: "edit", label: t("app.edit"), onClick: () => go(paths.editSegment(id)) });
    more.push({ key: "copy", label: t("segments.copy"), onClick: () => go(paths.newSegment, { condition: segment.condition }) });
  }
  if (may("people.export")) {
    more.push({ key: "export", icon: <Download size={14} />, label: t("segments.export"), onClick: () => void download(`/segments/${id}/people.csv`, `${segment?.name ?? id}.csv`).catch(toast.failed) });
  }
  more.push({
    key: "delete",
    danger: true,
    label: t("app.delete"),
    onClick: () =>
      confirm({
        title: t("segments.delete_title", { name: segment?.name ?? "" }),
        content: t("segments.delete_text"),
        action: t("app.delete"),
        danger: true,
        run: async () => {
          await drop.mutateAsync(undefined);
          toast.done(t("app.deleted"));
          go(paths.segments);
        },
      }),
  });
  return (
    <Page
      title={segment?.name ?? t("segments.segment")}
      status={segment && <Label tone={dynamic ? "brand" : "neutral"}>{t(`segments.kind_${segment.kind}`)}</Label>}
      description={segment?.description}
      back={{ label: t("nav.segments"), onClick: () => go(paths.segments) }}
      more={may("segments.write") ? more : undefined}
      moreLabel={t("app.more")}
      primary={
        segment && may("campaigns.write") && (
          <Button type="primary" loading={campaign.isPending} onClick={() => campaign.mutate(segment, { onSuccess: (made) => go(paths.campaign(made.id)), onError: toast.failed })}>
            {t("segments.to_campaign")}
          </Button>
        )
      }
    >
      <Loaded query={query}>{(data) => <Body segment={data} />}</Loaded>
    </Page>
  );
}

function Body({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const format = useFormats();
  const people = useList<PersonRow>(`/segments/${segment.id}/people`);
  const first = segment.history[0];
  const last = segment.history.at(-1);
  const change = first && last ? last.count - first.count : 0;
  return (
    <>
      <div className="halves">
        <div className="stack">
          <div className="stats">
            <Stat label={t("segments.people")} note={<>{t("tags.computed")} <Ago at={segment.computed_at} /></>}><Num value={segment.count} /></Stat>
            <Stat label={t("segments.change")} note={first && t("segments.since", { day: format.date(first.at) })}>{change > 0 ? "+" : ""}<Num value={change} /></Stat>
          </div>
          {segment.kind === "dynamic" && (
            <Panel title={t("segments.who")}><ConditionLines condition={segment.condition} /></Panel>
          )}
          {segment.used_by.length > 0 && <Panel title={t("segments.used_by")}><div className="row row-tight">{segment.used_by.map((user) => <User key={user} user={user} />)}</div></Panel>}
        </div>
        <Panel title={t("segments.history")}>
          {segment.history.length < 2 ? (
            <p className="help">{t("segments.history_later")}</p>
          ) : (
            <Area height={150} label={t("segments.history")} points={segment.history.map((point) => ({ label: format.date(point.at), value: point.count, text: format.number(point.count) }))} />
          )}
        </Panel>
      </div>
      {segment.kind === "dynamic" && <Panel title={t("segments.flow")}><FlowPanel segment={segment.id} /></Panel>}
      <PeopleTable list={people} empty={<Empty title={t("segments.nobody")}>{t("segments.nobody_text")}</Empty>} />
    </>
  );
}

const USER_PATHS: Record<string, (id: number) => string> = { tag: paths.tag, segment: paths.segment, campaign: paths.campaign };

/** `campaign:12` → a link to it. */
function User({ user }: { user: string }) {
  const { t } = useTranslation();
  const [kind = "", id = ""] = user.split(":");
  const to = USER_PATHS[kind];
  if (!to) return <Label>{user}</Label>;
  const title = { tag: t("tags.tag"), segment: t("segments.segment"), campaign: t("campaigns.campaign") }[kind];
  return <Link to={to(Number(id))}>{title} #{id}</Link>;
}
