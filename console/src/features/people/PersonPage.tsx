/** The 360° view of one person. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { get } from "../../api/client";
import type { Person } from "../../api/types";
import { personTitle, useNames } from "../../app/names";
import { Link, useGo, useIdParam, usePageSearch } from "../../app/router";
import { paths } from "../../paths";
import { Ago, DateTime, Label, Loaded, Money, Num, Page, Panel, Stat, Tabs } from "../../ui";
import { ConsentPanel } from "../consent/ConsentPanel";
import { PersonIdentity } from "../identity/PersonIdentity";
import { Messages } from "./Messages";
import { Timeline } from "./Timeline";

export default function PersonPage() {
  const { t } = useTranslation();
  const go = useGo();
  const id = useIdParam();
  const query = useQuery({ queryKey: ["/people", id], queryFn: ({ signal }) => get<Person>(`/people/${id}`, { signal }) });
  const person = query.data;
  return (
    <Page
      title={person ? personTitle(person) : t("data.person")}
      status={<Label>#{person?.person ?? id}</Label>}
      back={{ label: t("nav.people"), onClick: () => go(paths.people) }}
    >
      <Loaded query={query} rows={10}>{(data) => <Sections person={data} />}</Loaded>
    </Page>
  );
}

function Sections({ person }: { person: Person }) {
  const { t } = useTranslation();
  const [search, setSearch] = usePageSearch();
  return (
    <>
      <div className="stats">
        <Stat label={t("people.orders")}><Num value={person.stats.orders} /></Stat>
        <Stat label={t("people.amount")}><Money minor={person.stats.amount_minor} /></Stat>
        <Stat label={t("people.events")}><Num value={person.stats.events} /></Stat>
        <Stat label={t("people.last_seen")} note={<DateTime at={person.stats.last_seen} />}><Ago at={person.stats.last_seen} /></Stat>
        <Stat label={t("data.first_seen")} note={<DateTime at={person.stats.first_seen} />}><Ago at={person.stats.first_seen} /></Stat>
      </div>
      <div className="person-grid">
        <div className="stack">
          <PersonIdentity person={person.person} />
          <Attributes person={person} />
          <Memberships person={person} />
          <ConsentPanel person={person.person} />
        </div>
        <Panel className="person-main">
          <Tabs
            activeKey={search.tab ?? "timeline"}
            onChange={(tab) => setSearch({ tab: tab === "timeline" ? undefined : tab })}
            items={[
              { key: "timeline", label: t("people.timeline"), children: <Timeline person={person.person} /> },
              { key: "messages", label: t("people.messages"), children: <Messages person={person.person} /> },
            ]}
          />
        </Panel>
      </div>
    </>
  );
}

function Pair({ name, title, children }: { name: string; title?: string; children: React.ReactNode }) {
  return (
    <>
      <dt title={title}>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Attributes({ person }: { person: Person }) {
  const { t } = useTranslation();
  const names = useNames();
  const entries = Object.entries(person.attributes);
  return (
    <Panel title={t("people.attributes")}>
      {entries.length === 0 && <p className="help">{t("people.no_attributes")}</p>}
      <dl className="pairs">
        {entries.map(([name, value]) => <Pair key={name} name={names.property(name)} title={name}>{names.value(name, value)}</Pair>)}
      </dl>
    </Panel>
  );
}

function Memberships({ person }: { person: Person }) {
  const { t } = useTranslation();
  const names = useNames();
  return (
    <Panel title={t("people.tags_and_segments")}>
      <div className="stack stack-tight">
        {person.tags.length === 0 && person.segments.length === 0 && <p className="help">{t("people.no_memberships")}</p>}
        <dl className="pairs">
          {person.tags.map((tag) => <Pair key={tag.id} name={tag.name}><Link to={paths.tag(tag.id)}>{names.tagValue(tag.value)}</Link></Pair>)}
        </dl>
        <div className="row row-tight">
          {person.segments.map((segment) => (
            <Link key={segment.id} to={paths.segment(segment.id)}><Label tone="brand">{segment.name}</Label></Link>
          ))}
        </div>
      </div>
    </Panel>
  );
}
