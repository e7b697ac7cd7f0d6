/** The frame around every page: navigation, top bar, and the content. */
import { Outlet, useRouterState } from "@tanstack/react-router";
import { Menu } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Drawer, NoPermission, Skeleton } from "../ui";
import { Nav } from "./Nav";
import { activeItem } from "./nav";
import { usePageSearch } from "./router";
import { useSession } from "./session";
import { TopBar } from "./TopBar";

const CommandPalette = lazy(() => import("./CommandPalette"));
const COLLAPSED_KEY = "siyu.nav.collapsed";

export function Shell() {
  const { t } = useTranslation();
  const [collapsed, setCollapsed] = useState(() => localStorage.getItem(COLLAPSED_KEY) === "1");
  const [drawer, setDrawer] = useState(false);
  const [palette, setPalette] = useState(false);
  // Of the page that is shown, not of where somebody is going: that is known earlier, and the page that is
  // left would be drawn anew for it.
  const path = useRouterState({ select: (state) => state.matches.at(-1)?.pathname ?? state.location.pathname });
  const [search] = usePageSearch();

  const { may } = useSession();
  const needs = activeItem(path)?.needs;

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setPalette((open) => !open);
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);

  const fold = () => {
    localStorage.setItem(COLLAPSED_KEY, collapsed ? "0" : "1");
    setCollapsed(!collapsed);
  };
  // Beside a chat there is no room for more than the page itself.
  if (search.view === "compact") return <Suspense fallback={<Skeleton />}><Outlet /></Suspense>;
  return (
    <div className="shell">
      <a href="#content" className="skip">{t("app.skip")}</a>
      <aside className="shell-nav"><Nav collapsed={collapsed} onCollapse={fold} /></aside>
      <Drawer open={drawer} onClose={() => setDrawer(false)} placement="left" size={260} closable={false} styles={{ body: { padding: 0 } }} rootClassName="nav-drawer">
        <Nav collapsed={false} onPick={() => setDrawer(false)} />
      </Drawer>
      <div className="shell-main">
        <TopBar
          onSearch={() => setPalette(true)}
          menu={<Button type="text" className="shell-burger" icon={<Menu size={18} />} aria-label={t("app.open_navigation")} onClick={() => setDrawer(true)} />}
        />
        <main id="content" tabIndex={-1}>
          {needs && !may(needs) ? <NoPermission permission={needs} /> : <Suspense key={path} fallback={<div className="page"><Skeleton /></div>}><Outlet /></Suspense>}
        </main>
      </div>
      {palette && <Suspense fallback={null}><CommandPalette onClose={() => setPalette(false)} /></Suspense>}
    </div>
  );
}
