/** Primitives that know no router, no API and no feature. */
export * from "./bits";
export * from "./controls";
export * from "./errorText";
export * from "./feedback";
export * from "./format";
export * from "./Page";
export * from "./states";
export { useTheme, type ThemeChoice } from "./theme";
