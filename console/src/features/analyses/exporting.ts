/** What can be done with any answer: keep it as a picture or a table, and say what happened on a day. */
import { useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { postDownload } from "../../api/client";
import type { AnalysisQuery } from "../../api/types";
import { useSession } from "../../app/session";
import { rangeText } from "../../condition";
import type { Wording } from "./wording";
import { useFormats, useTheme, useToast, type MenuProps } from "../../ui";

export interface Pictured {
  query: AnalysisQuery;
  identity_as_of?: string;
  /** What the picture and the files are called. */
  title: string;
  /** Of the answer on screen; absent while there is none. */
  as_of?: number | string;
  body: RefObject<HTMLElement | null>;
}

type Items = NonNullable<MenuProps["items"]>;

/** The entries of the menu; `annotate` opens the list of what happened. */
export function useChartMenu(of: Pictured, wording: Wording, annotate: () => void): { items: Items; busy: boolean } {
  const { t } = useTranslation();
  const format = useFormats();
  const toast = useToast();
  const { mode } = useTheme();
  const { may } = useSession();
  const [busy, setBusy] = useState(false);
  const missing = of.as_of === undefined;
  const during = (work: Promise<void>) => {
    setBusy(true);
    work.catch(toast.failed).finally(() => setBusy(false));
  };
  const name = of.title.replace(/[\\/:*?"<>|]/g, " ").trim();
  const file = (kind: "csv" | "xlsx") => during(postDownload("/analyses/export", { query: of.query, identity_as_of: of.identity_as_of, ...wording, format: kind, title: of.title }, `${name}.${kind}`));
  const picture = async () => {
    const element = of.body.current;
    if (!element) return;
    const { keepFile, pictureOf } = await import("../../chart/picture");
    const lines = [`${rangeText(of.query.range, t)} · ${t("app.as_of", { time: format.dateTime(of.as_of ?? Date.now()) })} · ${format.zone}`];
    keepFile(await pictureOf(element, { title: of.title, lines }, mode), `${name}.png`);
  };
  const items: Items = [
    { key: "png", label: t("chart.export_png"), disabled: missing, onClick: () => during(picture()) },
    { key: "csv", label: t("chart.export_csv"), disabled: missing, onClick: () => file("csv") },
    { key: "xlsx", label: t("chart.export_xlsx"), disabled: missing, onClick: () => file("xlsx") },
    { type: "divider" },
    { key: "annotate", label: t(may("analyses.write") ? "annotations.open" : "annotations.look"), onClick: annotate },
  ];
  return { items, busy };
}
