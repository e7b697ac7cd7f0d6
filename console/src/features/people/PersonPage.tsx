/** The 360° view of one person. */
import { useQuery } from "@tanstack/react-query";
import { PanelRight } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { Person } from "../../api/types";
import { personTitle } from "../../app/names";
import { useGo, useIdParam, usePageSearch } from "../../app/router";
import { useSession } from "../../app/session";
import { paths } from "../../paths";
import { Button, ErrorView, Label, Loaded, Page, Skeleton, Tabs } from "../../ui";
import { ConsentPanel } from "../consent/ConsentPanel";
import { EraseDialog } from "../erasure/EraseDialog";
import { PersonIdentity } from "../identity/PersonIdentity";
import { PersonLooks } from "../personal/PersonLooks";
import { RelationsPanel } from "../relations/RelationsPanel";
import { PersonRequests } from "../rights/PersonRequests";
import { Advice } from "./Advice";
import { NARROW, personQuery } from "./asks";
import { AttributesPanel } from "./AttributesPanel";
import { CompactPerson } from "./CompactPerson";
import { Messages } from "./Messages";
import { NotesPanel } from "./NotesPanel";
import { OrdersPanel } from "./OrdersPanel";
import { PersonHead, ValueStrip } from "./PersonHead";
import { TagsPanel } from "./TagsPanel";
import { Timeline } from "./Timeline";
import "./people.css";

const Identity = ({ person }: { person: Person }) => <PersonIdentity person={person.person} />;
const Consents = ({ person }: { person: Person }) => <ConsentPanel person={person.person} />;

/** Who somebody is, beside what they did. A further panel is one more line. */
const ABOUT: readonly ((props: { person: Person }) => React.ReactNode)[] = [NotesPanel, TagsPanel, RelationsPanel, AttributesPanel, Identity, Consents];

export default function PersonPage() {
  const { t } = useTranslation();
  const go = useGo();
  const id = useIdParam();
  const [search, setSearch] = usePageSearch();
  const query = useQuery(personQuery(id));
  const person = query.data;
  const { may } = useSession();
  const [erasing, setErasing] = useState(false);
  const now = person?.person;
  useEffect(() => {
    // A number that was merged: the address says who it is now.
    if (now !== undefined && now !== id) go(paths.person(now), search, true);
  }, [now, id, go, search]);
  if (search.view === "compact") {
    if (query.error && !person) return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
    return <div className="compact"><Loaded query={query} rows={8}>{(data) => <CompactPerson person={data} />}</Loaded></div>;
  }
  return (
    <Page
      title={person ? personTitle(person) : t("data.person")}
      status={<Label>#{now ?? id}</Label>}
      back={{ label: t("nav.people"), onClick: () => go(paths.people) }}
      more={person && may("people.erase") ? [{ key: "erase", danger: true, label: t("erasure.erase"), onClick: () => setErasing(true) }] : undefined}
      moreLabel={t("people.more_actions")}
      primary={person && <Button icon={<PanelRight size={16} />} onClick={() => setSearch({ view: "compact" })}>{t("people.compact_view")}</Button>}
    >
      {query.error && !person ? <ErrorView error={query.error} onRetry={() => void query.refetch()} /> : <Whole id={now ?? id} person={person} />}
      {erasing && person && <EraseDialog person={person.person} onClose={() => setErasing(false)} onErased={() => go(paths.consent, { tab: "erasures" })} />}
    </Page>
  );
}

/** Whether what a person is and what they did do not fit beside each other. */
function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia(NARROW);
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => matchMedia(NARROW).matches,
  );
}

/** What a person did is asked for beside who they are, not after it. */
function Whole({ id, person }: { id: number; person: Person | undefined }) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const [search, setSearch] = usePageSearch();
  const { may } = useSession();
  const about = <div className="person-about">{person ? ABOUT.map((Section, at) => <Section key={at} person={person} />) : <Skeleton rows={12} />}</div>;
  const first = narrow ? "about" : "timeline";
  const tabs = [
    { key: "timeline", label: t("people.timeline"), children: <Timeline person={id} /> },
    { key: "orders", label: t("people.orders"), children: <OrdersPanel person={id} /> },
    { key: "messages", label: t("people.messages"), children: <Messages person={id} /> },
  ];
  if (may("rights.manage")) tabs.push({ key: "requests", label: t("rights.person_tab"), children: <PersonRequests person={id} /> });
  if (may("personal.audit")) tabs.push({ key: "looks", label: t("personal.who_looked"), children: <PersonLooks person={id} /> });
  if (narrow) tabs.unshift({ key: "about", label: t("people.about"), children: about });
  const chosen = tabs.some((tab) => tab.key === search.tab) ? search.tab : first;
  return (
    <>
      {person ? <><PersonHead person={person} /><ValueStrip person={person} /><Advice person={person} /></> : <div className="person-coming"><Skeleton rows={4} /></div>}
      <div className="person-grid">
        <section className="person-did">
          <Tabs activeKey={chosen} onChange={(tab) => setSearch({ tab: tab === first ? undefined : tab })} items={tabs} destroyOnHidden />
        </section>
        {!narrow && about}
      </div>
    </>
  );
}
