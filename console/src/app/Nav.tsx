/** The left navigation; icons only when collapsed, a drawer on phones. Groups open and close, and stay as they were left. */
import { useRouterState } from "@tanstack/react-router";
import { ChevronDown, Ellipsis, PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useOpenAlerts } from "../api/openAlerts";
import { paths } from "../paths";
import { Dropdown, Tooltip } from "../ui";
import { activeItem, NAV, shownItems, type NavGroup, type NavItem } from "./nav";
import { Link, useGo } from "./router";
import { useSession } from "./session";

interface NavProps {
  collapsed: boolean;
  onCollapse?: () => void;
  onPick?: () => void;
}

const KEPT = "siyu.nav.open";

/** What somebody opened or closed; the rest is as the group says. */
type Chosen = Partial<Record<string, boolean>>;

function kept(): Chosen {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    return typeof read === "object" && read !== null ? (read as Chosen) : {};
  } catch {
    return {};
  }
}

export function Nav({ collapsed, onCollapse, onPick }: NavProps) {
  const { t } = useTranslation();
  const { may } = useSession();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const active = activeItem(path);
  const [chosen, setChosen] = useState(kept);
  const choose = (key: string, open: boolean) => {
    const next = { ...chosen, [key]: open };
    localStorage.setItem(KEPT, JSON.stringify(next));
    setChosen(next);
  };
  const groups = NAV.map((group) => ({ ...group, items: group.items.filter((item) => may(item.needs)) })).filter((group) => group.items.length > 0);
  return (
    <nav className={collapsed ? "nav nav-collapsed" : "nav"} aria-label={t("nav.main")}>
      <Link to="/" className="nav-brand" onClick={onPick} aria-label="siyu">
        <img src="/favicon.svg" alt="" width={26} height={26} />
        {!collapsed && <span>siyu</span>}
      </Link>
      <div className="nav-groups">
        {groups.map((group) => (collapsed
          ? <Icons key={group.id} group={group} active={active} />
          : <Group key={group.id} group={group} active={active} chosen={chosen} onChoose={choose} onPick={onPick} />))}
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

interface GroupProps {
  group: NavGroup;
  active: NavItem | undefined;
  chosen: Chosen;
  onChoose: (key: string, open: boolean) => void;
  onPick?: () => void;
}

function Group({ group, active, chosen, onChoose, onPick }: GroupProps) {
  const { t } = useTranslation();
  const { id, title, folded, items } = group;
  // A heading over one entry says nothing.
  const headed = title !== undefined && items.length > 1;
  const here = active !== undefined && items.includes(active);
  const open = !headed || (chosen[id] ?? (here || !folded));
  const more = chosen[`${id}.more`] ?? false;
  const shown = open ? shownItems(items, more, active) : [];
  const left = items.length - shown.length;
  return (
    <div className="nav-group">
      {headed && (
        <button type="button" className={here && !open ? "nav-head nav-head-here" : "nav-head"} aria-expanded={open} onClick={() => onChoose(id, !open)}>
          <span>{t(title)}</span>
          <ChevronDown size={14} aria-hidden />
        </button>
      )}
      {shown.map((item) => <Entry key={item.to} item={item} active={item === active} onPick={onPick} />)}
      {open && left > 0 && (
        <button type="button" className="nav-item nav-more" onClick={() => onChoose(`${id}.more`, true)}>
          <Ellipsis size={16} strokeWidth={1.75} aria-hidden />
          <span>{t("nav.show_more", { count: left })}</span>
        </button>
      )}
      {open && more && (
        <button type="button" className="nav-item nav-more" onClick={() => onChoose(`${id}.more`, false)}>
          <ChevronDown size={16} strokeWidth={1.75} className="nav-up" aria-hidden />
          <span>{t("nav.show_fewer")}</span>
        </button>
      )}
    </div>
  );
}

function Entry({ item, active, onPick }: { item: NavItem; active: boolean; onPick?: () => void }) {
  const { t } = useTranslation();
  const { icon: Icon } = item;
  return (
    <Link to={item.to} className={active ? "nav-item nav-active" : "nav-item"} onClick={onPick}>
      <Icon size={16} strokeWidth={1.75} aria-hidden />
      <span>{t(item.title)}</span>
      {item.to === paths.alerts && <AlertsCount />}
    </Link>
  );
}

/** How many alerts need somebody; nothing while all is well. */
function AlertsCount() {
  const { t } = useTranslation();
  const count = useOpenAlerts().data?.length ?? 0;
  return count === 0 ? null : <span className="nav-count num" title={t("alerts.open", { count })}>{count}</span>;
}

/** One icon for a page, or for a group that is closed or has rare entries. */
function Icons({ group, active }: { group: NavGroup; active: NavItem | undefined }) {
  const { t } = useTranslation();
  const go = useGo();
  const { title, icon: Icon, items } = group;
  const [only] = items;
  if (items.length === 1 && only) {
    const { icon: OnlyIcon } = only;
    return (
      <Tooltip title={t(only.title)} placement="right">
        <Link to={only.to} className={only === active ? "nav-item nav-active" : "nav-item"} aria-label={t(only.title)}><OnlyIcon size={16} strokeWidth={1.75} aria-hidden /></Link>
      </Tooltip>
    );
  }
  const name = title ? t(title) : "";
  const here = active !== undefined && items.includes(active);
  const menu = items.map((item) => {
    const { icon: ItemIcon } = item;
    return { key: item.to, icon: <ItemIcon size={15} strokeWidth={1.75} aria-hidden />, label: t(item.title), onClick: () => go(item.to) };
  });
  return (
    <Dropdown menu={{ items: menu, selectedKeys: active ? [active.to] : [] }} trigger={["click", "hover"]} placement="topRight" align={{ points: ["tl", "tr"], offset: [8, 0] }}>
      <button type="button" className={here ? "nav-item nav-active" : "nav-item"} aria-label={name} aria-haspopup="menu"><Icon size={16} strokeWidth={1.75} aria-hidden /></button>
    </Dropdown>
  );
}
