/** The navigation by job. One record per page: address, title, icon, what it needs, pinyin for the palette. */
import {
  Activity, CalendarCheck, ChartBar, Database, Magnet, PanelsTopLeft, Sprout, Timer, Waypoints, Bookmark, BookOpen, ChartLine, Cable, Filter, Fingerprint, Gauge, HandHeart, House, KeyRound, Megaphone, MessageSquare, Route, ScrollText, Settings, Shield, Tag, Upload, UserRound, Users, UsersRound, PackageX, EyeOff, Package, ReceiptText, Scale, Split, Coins, Gem, ListOrdered, Table2, Grid3x3,
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
}

export interface NavGroup {
  title?: ParseKeys;
  items: NavItem[];
}

export const NAV: NavGroup[] = [
  { items: [{ to: paths.overview, title: "nav.overview", icon: House, needs: "project.read", pinyin: "gailan gl" }] },
  {
    title: "nav.data",
    items: [
      { to: paths.live, title: "nav.live", icon: Activity, needs: "people.read", pinyin: "shishishijian sssj" },
      { to: paths.events, title: "nav.events", icon: BookOpen, needs: "project.read", pinyin: "shijianzidian sjzd" },
      { to: paths.sources, title: "nav.sources", icon: Cable, needs: "project.read", pinyin: "laiyuanjieru lyjr" },
      { to: paths.imports, title: "nav.imports", icon: Upload, needs: "project.read", pinyin: "wenjiandaoru wjdr" },
      { to: paths.rejects, title: "nav.rejects", icon: PackageX, needs: "data.write", pinyin: "gezhijilu gzjl" },
      { to: paths.quality, title: "nav.quality", icon: Gauge, needs: "project.read", pinyin: "shujuzhiliang sjzl" },
      { to: paths.trace, title: "nav.trace", icon: Route, needs: "people.read", pinyin: "shujuzhuizong sjzz" },
    ],
  },
  {
    title: "nav.people_group",
    items: [
      { to: paths.people, title: "nav.people", icon: UserRound, needs: "people.read", pinyin: "yonghu yh" },
      { to: paths.identity, title: "nav.identity", icon: Fingerprint, needs: "people.read", pinyin: "shenfenshibie sfsb oneid" },
      { to: paths.tags, title: "nav.tags", icon: Tag, needs: "project.read", pinyin: "biaoqian bq" },
      { to: paths.segments, title: "nav.segments", icon: UsersRound, needs: "project.read", pinyin: "renqun rq" },
      { to: paths.orders, title: "nav.orders", icon: ReceiptText, needs: "people.read", pinyin: "dingdan dd" },
      { to: paths.items, title: "nav.items", icon: Package, needs: "project.read", pinyin: "shangpinyumendian spymd" },
      { to: paths.consent, title: "nav.consent", icon: HandHeart, needs: "people.read", pinyin: "tongyi ty" },
      { to: paths.rights, title: "nav.rights", icon: Scale, needs: "rights.manage", pinyin: "gerenxinxiquanli grxxql" },
    ],
  },
  {
    title: "nav.analyse_group",
    items: [
      { to: paths.analyses, title: "nav.saved", icon: Bookmark, needs: "analyses.run", pinyin: "yicunfenxi ycfx" },
      { to: paths.trend, title: "nav.trend", icon: ChartLine, needs: "analyses.run", pinyin: "shijianfenxi sjfx" },
      { to: paths.funnel, title: "nav.funnel", icon: Filter, needs: "analyses.run", pinyin: "loudoufenxi ldfx" },
      { to: paths.retention, title: "nav.retention", icon: CalendarCheck, needs: "analyses.run", pinyin: "liucunfenxi lcfx" },
      { to: paths.path, title: "nav.path", icon: Waypoints, needs: "analyses.run", pinyin: "lujingfenxi ljfx" },
      { to: paths.attribution, title: "nav.attribution", icon: Split, needs: "analyses.run", pinyin: "guiyinfenxi gyfx" },
      { to: paths.distribution, title: "nav.distribution", icon: ChartBar, needs: "analyses.run", pinyin: "fenbufenxi fbfx" },
      { to: paths.interval, title: "nav.interval", icon: Timer, needs: "analyses.run", pinyin: "jiangefenxi jgfx" },
      { to: paths.session, title: "nav.session", icon: PanelsTopLeft, needs: "analyses.run", pinyin: "huihuafenxi hhfx" },
      { to: paths.lifecycle, title: "nav.lifecycle", icon: Sprout, needs: "analyses.run", pinyin: "shengmingzhouqi smzq" },
      { to: paths.stickiness, title: "nav.stickiness", icon: Magnet, needs: "analyses.run", pinyin: "nianxingfenxi nxfx" },
      { to: paths.revenue, title: "nav.revenue", icon: Coins, needs: "analyses.run", pinyin: "shouruliucunltv srfx ltv" },
      { to: paths.rfm, title: "nav.rfm", icon: Gem, needs: "analyses.run", pinyin: "rfm rfmfenxi" },
      { to: paths.sequence, title: "nav.sequence", icon: ListOrdered, needs: "analyses.run", pinyin: "xingweixulie xwxl" },
      { to: paths.crosstab, title: "nav.crosstab", icon: Table2, needs: "analyses.run", pinyin: "jiaochafenxi jcfx" },
      { to: paths.heatmap, title: "nav.heatmap", icon: Grid3x3, needs: "analyses.run", pinyin: "shiduanrelitu sdrlt" },
      { to: paths.sql, title: "nav.sql", icon: Database, needs: "sql.run", pinyin: "sql chaxun cx" },
    ],
  },
  {
    title: "nav.campaigns",
    items: [{ to: paths.campaigns, title: "nav.campaigns", icon: Megaphone, needs: "project.read", pinyin: "yingxiaohuodong yxhd" }],
  },
  {
    title: "nav.settings",
    items: [
      { to: paths.project, title: "nav.project", icon: Settings, needs: "project.read", pinyin: "xiangmu xm" },
      { to: paths.members, title: "nav.members", icon: Users, needs: "members.manage", pinyin: "chengyuanyuquanxian cyyqx" },
      { to: paths.keys, title: "nav.keys", icon: KeyRound, needs: "keys.manage", pinyin: "miyao my" },
      { to: paths.channels, title: "nav.channels", icon: MessageSquare, needs: "project.manage", pinyin: "qudao qd" },
      { to: paths.protection, title: "nav.protection", icon: Shield, needs: "project.read", pinyin: "yingxiaobaohu yxbh" },
      { to: paths.personal, title: "nav.personal", icon: EyeOff, needs: "project.read", pinyin: "gerenxinxibaohu grxxbh yinsi" },
      { to: paths.audit, title: "nav.audit", icon: ScrollText, needs: "audit.read", pinyin: "shenjirizhi sjrz" },
    ],
  },
];

/** The longest address that is the beginning of where we are. */
export function activeItem(path: string): NavItem | undefined {
  const fits = (item: NavItem) => (item.to === "/" ? path === "/" : path === item.to || path.startsWith(`${item.to}/`));
  return NAV.flatMap((group) => group.items).filter(fits).toSorted((a, b) => b.to.length - a.to.length)[0];
}
