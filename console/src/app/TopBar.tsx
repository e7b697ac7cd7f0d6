/** Project, search, jobs, language, theme, me. */
import { BellRing, ChevronsUpDown, CircleUser, Languages, Moon, Search as SearchIcon, Sun, SunMoon } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useOpenAlerts } from "../api/openAlerts";
import { chooseLanguage, type Language } from "../i18n";
import { paths } from "../paths";
import { Button, Dropdown, useTheme, type MenuProps, type ThemeChoice } from "../ui";
import { JobsButton } from "./Jobs";
import { useGo } from "./router";
import { useSession } from "./session";

const LANGUAGE_NAMES: Record<Language, string> = { "zh-CN": "中文", en: "English" };
const THEME_ICONS: Record<ThemeChoice, ReactNode> = { light: <Sun size={16} />, dark: <Moon size={16} />, system: <SunMoon size={16} /> };

export function TopBar({ onSearch, menu }: { onSearch: () => void; menu: ReactNode }) {
  const { t } = useTranslation();
  const { session, project, switchProject, may } = useSession();
  const projects: MenuProps["items"] = session.projects.map((item) => ({ key: item.id, label: item.name, onClick: () => switchProject(item.id) }));
  return (
    <header className="topbar">
      {menu}
      <Dropdown menu={{ items: projects, selectedKeys: [String(project.id)] }} trigger={["click"]}>
        <button type="button" className="topbar-project" title={t("nav.switch_project")}>
          <span className="ellipsis">{project.name}</span>
          <ChevronsUpDown size={14} aria-hidden />
        </button>
      </Dropdown>
      <button type="button" className="topbar-search" onClick={onSearch}>
        <SearchIcon size={15} aria-hidden />
        <span>{t("nav.search")}</span>
        <kbd aria-hidden>⌘K</kbd>
      </button>
      <div className="topbar-tools">
        {may("analyses.run") && <AlertsBell />}
        <JobsButton />
        <LanguageButton />
        <ThemeButton />
        <MeButton />
      </div>
    </header>
  );
}

/** There only while an alert fires or could not be judged. */
function AlertsBell() {
  const { t } = useTranslation();
  const go = useGo();
  const count = useOpenAlerts().data?.length ?? 0;
  if (count === 0) return null;
  const title = t("alerts.open", { count });
  return <Button type="text" className="alerts-bell" icon={<BellRing size={16} />} aria-label={title} title={title} onClick={() => go(paths.alerts)}>{count}</Button>;
}

export function LanguageButton() {
  const { t, i18n } = useTranslation();
  const items: MenuProps["items"] = (["zh-CN", "en"] as const).map((language) => ({ key: language, label: LANGUAGE_NAMES[language], onClick: () => void chooseLanguage(language) }));
  return (
    <Dropdown menu={{ items, selectedKeys: [i18n.language] }} trigger={["click"]}>
      <Button type="text" icon={<Languages size={16} />} aria-label={t("nav.language")} title={t("nav.language")} />
    </Dropdown>
  );
}

export function ThemeButton() {
  const { t } = useTranslation();
  const { choice, choose } = useTheme();
  const items: MenuProps["items"] = (["light", "dark", "system"] as const).map((item) => ({ key: item, icon: THEME_ICONS[item], label: t(`nav.theme_${item}`), onClick: () => choose(item) }));
  return (
    <Dropdown menu={{ items, selectedKeys: [choice] }} trigger={["click"]}>
      <Button type="text" icon={THEME_ICONS[choice]} aria-label={t("nav.theme")} title={t("nav.theme")} />
    </Dropdown>
  );
}

function MeButton() {
  const { t } = useTranslation();
  const { session, logOut } = useSession();
  const go = useGo();
  const items: MenuProps["items"] = [
    { key: "who", label: <div className="menu-item"><span>{session.user.name}</span><span className="help">{session.user.email}</span></div>, onClick: () => go(paths.me) },
    { type: "divider" },
    { key: "out", label: t("nav.log_out"), onClick: () => void logOut() },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" icon={<CircleUser size={17} />} aria-label={t("nav.me")} title={session.user.name} />
    </Dropdown>
  );
}
