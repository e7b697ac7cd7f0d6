/** Places inside of pages that somebody looks for by name. They are found in the palette only. */
import type { ParseKeys } from "i18next";
import type { Permission } from "../api/permissions";
import { paths, type Search } from "../paths";

export interface Place {
  to: string;
  search: Search;
  title: ParseKeys;
  /** The page it is in. */
  page: ParseKeys;
  needs: Permission;
  pinyin: string;
}

export const PLACES: Place[] = [
  { to: paths.rights, search: { tab: "overdue" }, title: "rights.overdue", page: "nav.rights", needs: "rights.manage", pinyin: "yichaoqi ycq overdue requests" },
  { to: paths.consent, search: { tab: "erasures" }, title: "erasure.tab", page: "nav.consent", needs: "people.read", pinyin: "shanchujilu scjl erasures" },
  { to: paths.consent, search: { tab: "minors" }, title: "consent.minors", page: "nav.consent", needs: "people.read", pinyin: "weichengnianren wcnr ertong" },
  { to: paths.personal, search: { tab: "exposures" }, title: "personal.exposures", page: "nav.personal", needs: "project.read", pinyin: "kejianfanwei kjfw tuomin masking" },
  { to: paths.personal, search: { tab: "looks" }, title: "personal.looks", page: "nav.personal", needs: "personal.audit", pinyin: "chakanjilu ckjl shuikanguo skg who looked" },
  { to: paths.personal, search: { tab: "exports" }, title: "personal.exports", page: "nav.personal", needs: "personal.audit", pinyin: "daochudengji dcdj zhuicha exports trace leak" },
  { to: paths.identity, search: {}, title: "identity.conflicts", page: "nav.identity", needs: "people.read", pinyin: "yidian yd hebing chaifen merge split" },
  { to: paths.identity, search: { tab: "rules" }, title: "identity.rules", page: "nav.identity", needs: "people.read", pinyin: "guize gz oneid" },
  { to: paths.relations, search: { tab: "conflicts" }, title: "relations.conflicts", page: "nav.relations", needs: "people.read", pinyin: "meiyoucainadeguanxi mycndgx" },
];
