/** The look in numbers. Both Ant Design's theme and our own CSS are made from these. */

export type Mode = "light" | "dark";

const LIGHT = {
  bg: "#faf9f6",
  nav: "#f4f2ed",
  surface: "#ffffff",
  raised: "#ffffff",
  sunken: "#f6f4ef",
  line: "#e8e5de",
  "line-strong": "#d3cfc6",
  text: "#23211d",
  "text-2": "#625d54",
  "text-3": "#736e64",
  brand: "#0b6b5d",
  "brand-hover": "#0d7f6e",
  "brand-soft": "#e2f0ed",
  "brand-text": "#0a5f53",
  "on-brand": "#ffffff",
  danger: "#b42318",
  "danger-soft": "#fcebe9",
  warning: "#8a5208",
  "warning-soft": "#fbf1de",
  success: "#1c7038",
  "success-soft": "#e5f4e9",
  info: "#235d9f",
  "info-soft": "#e8f0fa",
  shadow: "0 1px 2px rgb(35 33 29 / 6%), 0 8px 24px rgb(35 33 29 / 10%)",
};

export type Tokens = typeof LIGHT;

const DARK: Tokens = {
  bg: "#161513",
  nav: "#1a1917",
  surface: "#1e1d1a",
  raised: "#282622",
  sunken: "#191815",
  line: "#34312b",
  "line-strong": "#4a463e",
  text: "#ece9e2",
  "text-2": "#b0aa9e",
  "text-3": "#989286",
  brand: "#4db8a6",
  "brand-hover": "#66c7b6",
  "brand-soft": "#18342f",
  "brand-text": "#72cfbf",
  "on-brand": "#06231f",
  danger: "#f2867b",
  "danger-soft": "#3b1e1b",
  warning: "#e2b062",
  "warning-soft": "#37290f",
  success: "#77c48d",
  "success-soft": "#183122",
  info: "#8bb6e8",
  "info-soft": "#1a2b40",
  shadow: "0 1px 2px rgb(0 0 0 / 40%), 0 8px 24px rgb(0 0 0 / 45%)",
};

export const TOKENS: Record<Mode, Tokens> = { light: LIGHT, dark: DARK };

export const FONT =
  'Inter, -apple-system, BlinkMacSystemFont, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif';
export const MONO = '"SF Mono", "JetBrains Mono", Menlo, Consolas, "Noto Sans Mono", monospace';

/** Categorical colours, safe for colour-blind readers, in the same order everywhere. */
export const PALETTE: Record<Mode, readonly string[]> = {
  light: ["#0b7a6b", "#d97a1f", "#3b6fb6", "#a6548c", "#9c8412", "#56a0c9", "#b5482f", "#7d786f"],
  dark: ["#4db8a6", "#eda35b", "#7da7e0", "#d08bb8", "#cdb548", "#86c3e4", "#e28873", "#a8a297"],
};

/** Writes the tokens as CSS variables, so that one attribute switches the whole page. */
export function applyTokens(mode: Mode): void {
  const root = document.documentElement;
  root.dataset.theme = mode;
  root.style.colorScheme = mode;
  for (const [name, value] of Object.entries(TOKENS[mode])) root.style.setProperty(`--${name}`, value);
  PALETTE[mode].forEach((colour, index) => root.style.setProperty(`--series-${index}`, colour));
  root.style.setProperty("--font", FONT);
  root.style.setProperty("--mono", MONO);
}
