/** The 34 province-level regions of China: their names, and where each stands on a grid of squares that is our own. */

export interface Province {
  /** As in ISO 3166-2:CN. */
  code: string;
  zh: string;
  /** The name with what kind of region it is. */
  full: string;
  en: string;
  row: number;
  column: number;
}

export const COLUMNS = 8;
export const ROWS = 8;

const TABLE: readonly (readonly [string, string, string, string, number, number])[] = [
  ["HL", "黑龙江", "黑龙江省", "Heilongjiang", 0, 7],
  ["NM", "内蒙古", "内蒙古自治区", "Inner Mongolia", 1, 4],
  ["BJ", "北京", "北京市", "Beijing", 1, 5],
  ["JL", "吉林", "吉林省", "Jilin", 1, 7],
  ["XJ", "新疆", "新疆维吾尔自治区", "Xinjiang", 2, 0],
  ["NX", "宁夏", "宁夏回族自治区", "Ningxia", 2, 3],
  ["SX", "山西", "山西省", "Shanxi", 2, 4],
  ["HE", "河北", "河北省", "Hebei", 2, 5],
  ["TJ", "天津", "天津市", "Tianjin", 2, 6],
  ["LN", "辽宁", "辽宁省", "Liaoning", 2, 7],
  ["QH", "青海", "青海省", "Qinghai", 3, 1],
  ["GS", "甘肃", "甘肃省", "Gansu", 3, 2],
  ["SN", "陕西", "陕西省", "Shaanxi", 3, 3],
  ["HA", "河南", "河南省", "Henan", 3, 4],
  ["SD", "山东", "山东省", "Shandong", 3, 5],
  ["XZ", "西藏", "西藏自治区", "Tibet", 4, 1],
  ["SC", "四川", "四川省", "Sichuan", 4, 2],
  ["CQ", "重庆", "重庆市", "Chongqing", 4, 3],
  ["HB", "湖北", "湖北省", "Hubei", 4, 4],
  ["AH", "安徽", "安徽省", "Anhui", 4, 5],
  ["JS", "江苏", "江苏省", "Jiangsu", 4, 6],
  ["SH", "上海", "上海市", "Shanghai", 4, 7],
  ["GZ", "贵州", "贵州省", "Guizhou", 5, 3],
  ["HN", "湖南", "湖南省", "Hunan", 5, 4],
  ["JX", "江西", "江西省", "Jiangxi", 5, 5],
  ["ZJ", "浙江", "浙江省", "Zhejiang", 5, 6],
  ["YN", "云南", "云南省", "Yunnan", 6, 2],
  ["GX", "广西", "广西壮族自治区", "Guangxi", 6, 3],
  ["GD", "广东", "广东省", "Guangdong", 6, 4],
  ["FJ", "福建", "福建省", "Fujian", 6, 5],
  ["TW", "台湾", "台湾省", "Taiwan", 6, 6],
  ["HI", "海南", "海南省", "Hainan", 7, 3],
  ["MO", "澳门", "澳门特别行政区", "Macao", 7, 4],
  ["HK", "香港", "香港特别行政区", "Hong Kong", 7, 5],
];

export const PROVINCES: readonly Province[] = TABLE.map(([code, zh, full, en, row, column]) => ({ code, zh, full, en, row, column }));

/** Other ways to write some of them. */
const ALIASES: Record<string, readonly string[]> = {
  NM: ["内蒙", "nei mongol", "neimenggu"],
  XZ: ["xizang"],
  XJ: ["新疆自治区", "xinjiang uygur", "xinjiang uyghur"],
  NX: ["宁夏自治区", "ningxia hui"],
  GX: ["广西自治区", "guangxi zhuang"],
  HK: ["香港特区", "hongkong", "xianggang"],
  MO: ["澳门特区", "macau", "aomen"],
  TW: ["臺灣", "台灣", "臺灣省"],
};

/** What follows the name in English. Chinese suffixes are not cut off: 吉林市 is a city, and not 吉林省. */
const ENGLISH_SUFFIX = /\s+(province|municipality|city|shi|sheng|autonomous region|special administrative region|sar)$/;
/** Cities of the same name as their province, which English does not tell apart by more than the word. */
const CITY_ALIKE = /^jilin (city|shi)$/;

function plain(text: string): string {
  return text.trim().toLowerCase().replace(/[’'.,·]/g, "").replace(/^中国/, "").replace(/[\s_-]+/g, " ");
}

const BY_NAME: ReadonlyMap<string, Province> = new Map(
  PROVINCES.flatMap((province) => [province.zh, province.full, province.en, `cn-${province.code}`, ...(ALIASES[province.code] ?? [])].map((name): [string, Province] => [plain(name), province])),
);

/** The province that a value names, in Chinese with or without its kind, or in English. */
export function provinceOf(value: string): Province | undefined {
  const name = plain(value);
  if (CITY_ALIKE.test(name)) return undefined;
  return BY_NAME.get(name) ?? BY_NAME.get(name.replace(ENGLISH_SUFFIX, ""));
}
