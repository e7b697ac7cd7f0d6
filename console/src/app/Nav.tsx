/** The left navigation; icons only when collapsed, a drawer on phones. */
import { useRouterState } from "@tanstack/react-router";
import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Tooltip } from "../ui";
import { activeItem, NAV } from "./nav";
import { Link } from "./router";
import { useSession } from "./session";

interface NavProps {
  collapsed: boolean;
  onCollapse?: () => void;
  onPick?: () => void;
}

export function Nav({ collapsed, onCollapse, onPick }: NavProps) {
  const { t } = useTranslation();
  const { may } = useSession();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const active = activeItem(path);
  return (
    <nav className={collapsed ? "nav nav-collapsed" : "nav"} aria-label={t("nav.main")}>
      <Link to="/" className="nav-brand" onClick={onPick} aria-label="siyu">
        <img src="/favicon.svg" alt="" width={26} height={26} />
        {!collapsed && <span>siyu</span>}
      </Link>
      <div className="nav-groups">
        {NAV.map((group, index) => {
          const items = group.items.filter((item) => may(item.needs));
          if (items.length === 0) return null;
          return (
            <div key={index} className="nav-group">
              {group.title && !collapsed && items.length > 1 && <h2>{t(group.title)}</h2>}
              {items.map((item) => {
                const { icon: Icon } = item;
                const link = (
                  <Link key={item.to} to={item.to} className={item === active ? "nav-item nav-active" : "nav-item"} onClick={onPick} aria-label={t(item.title)}>
                    <Icon size={16} strokeWidth={1.75} aria-hidden />
                    {!collapsed && <span>{t(item.title)}</span>}
                  </Link>
                );
                return collapsed ? <Tooltip key={item.to} title={t(item.title)} placement="right">{link}</Tooltip> : link;
              })}
            </div>
          );
        })}
      </div>
      {onCollapse && (
        <button type="button" className="nav-item nav-fold" onClick={onCollapse} aria-label={t(collapsed ? "nav.expand" : "nav.collapse")}>
          {collapsed ? <PanelLeftOpen size={16} strokeWidth={1.75} /> : <PanelLeftClose size={16} strokeWidth={1.75} />}
          {!collapsed && <span>{t("nav.collapse")}</span>}
        </button>
      )}
    </nav>
  );
}
