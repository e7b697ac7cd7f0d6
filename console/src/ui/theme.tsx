/** Light or dark, and Ant Design dressed in our tokens. */
import { App as AntApp, ConfigProvider, theme as antTheme, type ThemeConfig } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { createContext, useContext, useEffect, useLayoutEffect, useMemo, useState, type ReactNode } from "react";
import { applyTokens, FONT, MONO, TOKENS, type Mode } from "./tokens";

export type ThemeChoice = Mode | "system";
const STORAGE_KEY = "siyu.theme";

interface ThemeValue {
  choice: ThemeChoice;
  mode: Mode;
  choose: (choice: ThemeChoice) => void;
}

const ThemeContext = createContext<ThemeValue>({ choice: "system", mode: "light", choose: () => undefined });

export function useTheme(): ThemeValue {
  return useContext(ThemeContext);
}

function storedChoice(): ThemeChoice {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

function useSystemMode(): Mode {
  const [dark, setDark] = useState(systemDark.matches);
  useEffect(() => {
    const listen = (event: MediaQueryListEvent) => setDark(event.matches);
    systemDark.addEventListener("change", listen);
    return () => systemDark.removeEventListener("change", listen);
  }, []);
  return dark ? "dark" : "light";
}

function antConfig(mode: Mode): ThemeConfig {
  const t = TOKENS[mode];
  return {
    cssVar: { key: "siyu" },
    hashed: false,
    algorithm: mode === "dark" ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
    token: {
      colorPrimary: t.brand,
      colorInfo: t.info,
      colorError: t.danger,
      colorWarning: t.warning,
      colorSuccess: t.success,
      colorLink: t["brand-text"],
      colorBgLayout: t.bg,
      colorBgContainer: t.surface,
      colorBgElevated: t.raised,
      colorBorder: t["line-strong"],
      colorBorderSecondary: t.line,
      colorText: t.text,
      colorTextSecondary: t["text-2"],
      colorTextTertiary: t["text-3"],
      colorTextPlaceholder: t["text-3"],
      colorTextDescription: t["text-2"],
      borderRadius: 6,
      fontFamily: FONT,
      fontFamilyCode: MONO,
      fontSize: 14,
      controlHeight: 34,
      motion: !reducedMotion,
      motionDurationFast: "0.08s",
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.15s",
      boxShadow: t.shadow,
      boxShadowSecondary: t.shadow,
    },
    components: {
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", primaryColor: t["on-brand"], fontWeight: 500 },
      Segmented: { itemSelectedColor: t.text, itemColor: t["text-2"], trackBg: t.sunken },
      Tabs: { itemColor: t["text-2"], itemSelectedColor: t.text, itemHoverColor: t.text, horizontalItemPadding: "10px 0" },
      Select: { optionSelectedBg: t["brand-soft"] },
    },
  };
}

export function ThemeProvider({ language, children }: { language: string; children: ReactNode }) {
  const [choice, setChoice] = useState(storedChoice);
  const system = useSystemMode();
  const mode = choice === "system" ? system : choice;

  useLayoutEffect(() => applyTokens(mode), [mode]);

  const value = useMemo<ThemeValue>(
    () => ({
      choice,
      mode,
      choose: (next) => {
        localStorage.setItem(STORAGE_KEY, next);
        setChoice(next);
      },
    }),
    [choice, mode],
  );
  const config = useMemo(() => antConfig(mode), [mode]);
  return (
    <ThemeContext.Provider value={value}>
      <ConfigProvider theme={config} locale={language === "en" ? enUS : zhCN} button={{ autoInsertSpace: false }}>
        <AntApp message={{ maxCount: 3, top: 64 }} component={false}>
          {children}
        </AntApp>
      </ConfigProvider>
    </ThemeContext.Provider>
  );
}
