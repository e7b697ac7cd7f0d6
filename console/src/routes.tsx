/** Every page of the console. Each section is a chunk of its own. */
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, type AnyRoute, type ErrorComponentProps } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { asApiError } from "./api/errors";
import { Link } from "./app/router";
import { maySee, SessionProvider, useSessionQuery } from "./app/session";
import { Shell } from "./app/Shell";
import { askPerson } from "./features/people/asks";
import { paths, type Search } from "./paths";
import { Empty, ErrorView } from "./ui";

interface RouterContext {
  client: QueryClient;
}

const root = createRootRouteWithContext<RouterContext>()({ component: Outlet, notFoundComponent: NotFound, errorComponent: Crashed, validateSearch: (search: Record<string, unknown>) => search });

const login = createRoute({ getParentRoute: () => root, path: paths.login, component: lazyRouteComponent(() => import("./features/session/LoginPage")) });

const inside = createRoute({ getParentRoute: () => root, id: "inside", component: Inside });

/** Lets a page in only with a session; otherwise to the log-in and back. */
function Inside() {
  const { i18n } = useTranslation();
  const query = useSessionQuery();
  if (query.data) {
    const chosen = Number(localStorage.getItem("siyu.project"));
    const project = query.data.projects.find((item) => item.id === chosen) ?? query.data.projects[0];
    if (!project) return <NotFound />;
    return <SessionProvider session={query.data} project={project} language={i18n.language}><Shell /></SessionProvider>;
  }
  if (query.error) {
    const error = asApiError(query.error);
    // On the way to the log-in: whoever answers failed requests goes there, once for all of them.
    if (error.status === 401) return null;
    return <ErrorView error={error} onRetry={() => void query.refetch()} />;
  }
  return null;
}

function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty icon={<Compass size={28} strokeWidth={1.5} />} title={t("app.not_found")} action={<Link to="/">{t("app.to_overview")}</Link>}>
      {t("app.not_found_text")}
    </Empty>
  );
}

function Crashed({ error }: ErrorComponentProps) {
  return <ErrorView error={error} onRetry={() => location.reload()} />;
}

type PageModule = () => Promise<{ default: ComponentType }>;

/** Asks for what a page shows first, at the click; pointing at a link asks for nothing, because some looks are written down. */
type Ask = (client: QueryClient, params: Record<string, string>, search: Search) => Promise<unknown>;

/** So long a page that is left stays for the answers: drawn once with them, the next one is there sooner than drawn twice. */
const ANSWERS_MILLIS = 80;

function page(path: string, load: PageModule, ask?: Ask): AnyRoute {
  return createRoute({
    getParentRoute: () => inside,
    path,
    component: lazyRouteComponent(load),
    errorComponent: Crashed,
    beforeLoad: async ({ preload, context, params, search, location }) => {
      if (!ask || preload || !maySee(context.client, location.pathname)) return;
      void load();
      await Promise.race([ask(context.client, params, search), new Promise((resolve) => setTimeout(resolve, ANSWERS_MILLIS))]);
    },
  });
}

const pages = [
  page("/", () => import("./features/overview/OverviewPage")),
  page("/data/live", () => import("./features/data/LivePage")),
  page("/data/events", () => import("./features/plan/PlanPage")),
  page("/data/events/one", () => import("./features/plan/SubjectPage")),
  page("/data/sources", () => import("./features/data/SourcesPage")),
  page("/data/sources/$id/hook", () => import("./features/data/HookPage")),
  page("/data/imports", () => import("./features/data/ImportsPage")),
  page("/data/imports/new", () => import("./features/data/NewImportPage")),
  page("/data/imports/$id", () => import("./features/data/ImportPage")),
  page("/data/rejects", () => import("./features/plan/QuarantinePage")),
  page("/data/quality", () => import("./features/quality/QualityPage")),
  page("/data/trace", () => import("./features/quality/TracePage")),
  page("/people", () => import("./features/people/PeoplePage")),
  page("/people/$id", () => import("./features/people/PersonPage"), askPerson),
  page("/orders", () => import("./features/orders/OrdersPage")),
  page("/orders/$id", () => import("./features/orders/OrderPage")),
  page("/items", () => import("./features/items/ItemsPage")),
  page("/items/$type/$id", () => import("./features/items/ItemPage")),
  page("/consent", () => import("./features/consent/ConsentPage")),
  page("/rights", () => import("./features/rights/RightsPage")),
  page("/rights/$id", () => import("./features/rights/RequestPage")),
  page("/relations", () => import("./features/relations/RelationsPage")),
  page("/identity", () => import("./features/identity/IdentityPage")),
  page("/tags", () => import("./features/tags/TagsPage")),
  page("/tags/new", () => import("./features/tags/TagEditPage")),
  page("/tags/$id", () => import("./features/tags/TagPage")),
  page("/tags/$id/edit", () => import("./features/tags/TagEditPage")),
  page("/segments", () => import("./features/segments/SegmentsPage")),
  page("/segments/new", () => import("./features/segments/SegmentEditPage")),
  page("/segments/$id", () => import("./features/segments/SegmentPage")),
  page("/segments/$id/edit", () => import("./features/segments/SegmentEditPage")),
  page("/dashboards", () => import("./features/dashboards/DashboardsPage")),
  page("/dashboards/$id", () => import("./features/dashboards/DashboardPage")),
  page("/alerts", () => import("./features/alerts/AlertsPage")),
  page("/analyses", () => import("./features/analyses/AnalysesPage")),
  page("/analyses/trend", () => import("./features/analyses/TrendPage")),
  page("/analyses/funnel", () => import("./features/analyses/FunnelPage")),
  page("/analyses/retention", () => import("./features/analyses/RetentionPage")),
  page("/analyses/lifecycle", () => import("./features/analyses/LifecyclePage")),
  page("/analyses/stickiness", () => import("./features/analyses/StickinessPage")),
  page("/analyses/distribution", () => import("./features/analyses/DistributionPage")),
  page("/analyses/interval", () => import("./features/analyses/IntervalPage")),
  page("/analyses/session", () => import("./features/analyses/SessionPage")),
  page("/analyses/path", () => import("./features/analyses/PathPage")),
  page("/analyses/attribution", () => import("./features/analyses/AttributionPage")),
  page("/analyses/revenue", () => import("./features/analyses/RevenuePage")),
  page("/analyses/crosstab", () => import("./features/analyses/CrosstabPage")),
  page("/analyses/rfm", () => import("./features/analyses/RfmPage")),
  page("/analyses/sequence", () => import("./features/analyses/SequencePage")),
  page("/analyses/heatmap", () => import("./features/analyses/HeatmapPage")),
  page("/analyses/sql", () => import("./features/sql/SqlPage")),
  page("/campaigns", () => import("./features/campaigns/CampaignsPage")),
  page("/campaigns/$id", () => import("./features/campaigns/CampaignPage")),
  page("/settings/project", () => import("./features/settings/ProjectPage")),
  page("/settings/members", () => import("./features/settings/MembersPage")),
  page("/settings/keys", () => import("./features/settings/KeysPage")),
  page("/settings/channels", () => import("./features/settings/ChannelsPage")),
  page("/settings/protection", () => import("./features/settings/ProtectionPage")),
  page("/settings/personal", () => import("./features/personal/PersonalPage")),
  page("/settings/personal/viewer", () => import("./features/personal/ViewerPage")),
  page("/settings/audit", () => import("./features/settings/AuditPage")),
  page("/settings/me", () => import("./features/settings/MePage")),
];

const routeTree = root.addChildren([login, inside.addChildren(pages)]);

export function newRouter(client: QueryClient) {
  return createRouter({ routeTree, context: { client }, defaultPreload: "intent", scrollRestoration: true });
}
