/** The navigation by job. One record per page: address, title, icon, what it needs, pinyin for the palette. */
import {
  Activity, BellRing, CalendarCheck, ChartBar, Magnet, PanelsTopLeft, Sprout, Timer, Waypoints, Bookmark, BookOpen, ChartLine, Cable, Filter, Fingerprint, Gauge, HandHeart, House, KeyRound, LayoutDashboard, Megaphone, MessageSquare, Route, ScrollText, Settings, Shield, Tag, Upload, UserRound, Users, UsersRound, PackageX, EyeOff, Package, ReceiptText, Scale, Database, Network, ShieldCheck, Split, Coins, Gem, ListOrdered, Table2, Grid3x3, SquareTerminal,
  type LucideIcon,
} from "lucide-react";
import type { ParseKeys } from "i18next";
import type { Permission } from "../api/permissions";
import { paths } from "../paths";

export interface NavItem {
  to: string;
  title: ParseKeys;
  icon: LucideIcon;
  needs: Permission;
  /** Full pinyin and initials, so that either finds it. */
  pinyin: string;
  /** Behind "more" until it is asked for. */
  rare?: boolean;
}

export interface NavGroup {
  /** Under which it is remembered whether it is open. */
  id: string;
  title?: ParseKeys;
  /** Stands for the group where only icons are shown. */
  icon: LucideIcon;
  /** Closed until it is opened: what is set up once, or looked at when something is wrong. */
  folded?: boolean;
  items: NavItem[];
}

/** By how often a day goes there, not by how the product is built: people, questions and campaigns stand open. */
export const NAV: NavGroup[] = [
  { id: "home", icon: House, items: [{ to: paths.overview, title: "nav.overview", icon: House, needs: "project.read", pinyin: "gailan gl" }] },
  {
    id: "people",
    title: "nav.people_group",
    icon: UsersRound,
    items: [
      { to: paths.people, title: "nav.people", icon: UserRound, needs: "people.read", pinyin: "yonghu yh" },
      { to: paths.segments, title: "nav.segments", icon: UsersRound, needs: "project.read", pinyin: "renqun rq" },
      { to: paths.tags, title: "nav.tags", icon: Tag, needs: "project.read", pinyin: "biaoqian bq" },
      { to: paths.orders, title: "nav.orders", icon: ReceiptText, needs: "people.read", pinyin: "dingdan dd" },
      { to: paths.items, title: "nav.items", icon: Package, needs: "project.read", pinyin: "shangpinyumendian spymd" },
    ],
  },
  {
    id: "analyses",
    title: "nav.analyse_group",
    icon: ChartLine,
    items: [
      { to: paths.dashboards, title: "nav.dashboards", icon: LayoutDashboard, needs: "analyses.run", pinyin: "kanban kb shujukanban sjkb dashboards" },
      { to: paths.alerts, title: "nav.alerts", icon: BellRing, needs: "analyses.run", pinyin: "yujing yj jiankong jk gaojing gj alerts" },
      { to: paths.analyses, title: "nav.saved", icon: Bookmark, needs: "analyses.run", pinyin: "yicunfenxi ycfx" },
      { to: paths.trend, title: "nav.trend", icon: ChartLine, needs: "analyses.run", pinyin: "shijianfenxi sjfx" },
      { to: paths.funnel, title: "nav.funnel", icon: Filter, needs: "analyses.run", pinyin: "loudoufenxi ldfx" },
      { to: paths.retention, title: "nav.retention", icon: CalendarCheck, needs: "analyses.run", pinyin: "liucunfenxi lcfx" },
      { to: paths.sql, title: "nav.sql", icon: SquareTerminal, needs: "sql.run", pinyin: "sql chaxun cx" },
      { to: paths.path, title: "nav.path", icon: Waypoints, needs: "analyses.run", pinyin: "lujingfenxi ljfx", rare: true },
      { to: paths.distribution, title: "nav.distribution", icon: ChartBar, needs: "analyses.run", pinyin: "fenbufenxi fbfx", rare: true },
      { to: paths.interval, title: "nav.interval", icon: Timer, needs: "analyses.run", pinyin: "jiangefenxi jgfx", rare: true },
      { to: paths.session, title: "nav.session", icon: PanelsTopLeft, needs: "analyses.run", pinyin: "huihuafenxi hhfx", rare: true },
      { to: paths.lifecycle, title: "nav.lifecycle", icon: Sprout, needs: "analyses.run", pinyin: "shengmingzhouqi smzq", rare: true },
      { to: paths.stickiness, title: "nav.stickiness", icon: Magnet, needs: "analyses.run", pinyin: "nianxingfenxi nxfx", rare: true },
      { to: paths.attribution, title: "nav.attribution", icon: Split, needs: "analyses.run", pinyin: "guiyinfenxi gyfx", rare: true },
      { to: paths.revenue, title: "nav.revenue", icon: Coins, needs: "analyses.run", pinyin: "shouruliucunltv srfx ltv", rare: true },
      { to: paths.rfm, title: "nav.rfm", icon: Gem, needs: "analyses.run", pinyin: "rfm rfmfenxi", rare: true },
      { to: paths.sequence, title: "nav.sequence", icon: ListOrdered, needs: "analyses.run", pinyin: "xingweixulie xwxl", rare: true },
      { to: paths.crosstab, title: "nav.crosstab", icon: Table2, needs: "analyses.run", pinyin: "jiaochafenxi jcfx", rare: true },
      { to: paths.heatmap, title: "nav.heatmap", icon: Grid3x3, needs: "analyses.run", pinyin: "shiduanrelitu sdrlt", rare: true },
    ],
  },
  { id: "engage", title: "nav.engage_group", icon: Megaphone, items: [{ to: paths.campaigns, title: "nav.campaigns", icon: Megaphone, needs: "project.read", pinyin: "yingxiaohuodong yxhd" }] },
  {
    id: "data",
    title: "nav.data",
    icon: Database,
    folded: true,
    items: [
      { to: paths.sources, title: "nav.sources", icon: Cable, needs: "project.read", pinyin: "laiyuanjieru lyjr" },
      { to: paths.live, title: "nav.live", icon: Activity, needs: "people.read", pinyin: "shishishijian sssj" },
      { to: paths.events, title: "nav.events", icon: BookOpen, needs: "project.read", pinyin: "shijianzidian sjzd" },
      { to: paths.quality, title: "nav.quality", icon: Gauge, needs: "project.read", pinyin: "shujuzhiliang sjzl" },
      { to: paths.imports, title: "nav.imports", icon: Upload, needs: "project.read", pinyin: "wenjiandaoru wjdr" },
      { to: paths.rejects, title: "nav.rejects", icon: PackageX, needs: "data.write", pinyin: "gezhijilu gzjl", rare: true },
      { to: paths.trace, title: "nav.trace", icon: Route, needs: "people.read", pinyin: "shujuzhuizong sjzz", rare: true },
    ],
  },
  {
    id: "trust",
    title: "nav.trust_group",
    icon: ShieldCheck,
    folded: true,
    items: [
      { to: paths.rights, title: "nav.rights", icon: Scale, needs: "rights.manage", pinyin: "gerenxinxiquanli grxxql" },
      { to: paths.consent, title: "nav.consent", icon: HandHeart, needs: "people.read", pinyin: "tongyi ty" },
      { to: paths.personal, title: "nav.personal", icon: EyeOff, needs: "project.read", pinyin: "gerenxinxibaohu grxxbh yinsi" },
      { to: paths.identity, title: "nav.identity", icon: Fingerprint, needs: "people.read", pinyin: "shenfenshibie sfsb oneid" },
      { to: paths.relations, title: "nav.relations", icon: Network, needs: "people.read", pinyin: "kehuguanxi khgx guanxi gx" },
    ],
  },
  {
    id: "settings",
    title: "nav.settings",
    icon: Settings,
    folded: true,
    items: [
      { to: paths.project, title: "nav.project", icon: Settings, needs: "project.read", pinyin: "xiangmu xm" },
      { to: paths.members, title: "nav.members", icon: Users, needs: "members.manage", pinyin: "chengyuanyuquanxian cyyqx" },
      { to: paths.channels, title: "nav.channels", icon: MessageSquare, needs: "project.manage", pinyin: "qudao qd" },
      { to: paths.protection, title: "nav.protection", icon: Shield, needs: "project.read", pinyin: "yingxiaobaohu yxbh" },
      { to: paths.keys, title: "nav.keys", icon: KeyRound, needs: "keys.manage", pinyin: "miyao my" },
      { to: paths.audit, title: "nav.audit", icon: ScrollText, needs: "audit.read", pinyin: "shenjirizhi sjrz" },
    ],
  },
];

/** Which entries of a group stand there: rare ones only where they are asked for, or one is on screen. */
export function shownItems(items: NavItem[], more: boolean, active: NavItem | undefined): NavItem[] {
  const all = more || items.some((item) => item.rare && item === active);
  return all ? items : items.filter((item) => !item.rare);
}

/** The longest address that is the beginning of where we are. */
export function activeItem(path: string): NavItem | undefined {
  const fits = (item: NavItem) => (item.to === "/" ? path === "/" : path === item.to || path.startsWith(`${item.to}/`));
  return NAV.flatMap((group) => group.items).filter(fits).toSorted((a, b) => b.to.length - a.to.length)[0];
}
