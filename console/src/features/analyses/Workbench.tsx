/** What every analysis shares: the address holds the question, it is asked as it changes, and the answer says what it is worth. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { post } from "../../api/client";
import type { AnalysisAnswer, AnalysisQuery, AnswerAbout, Kind, QueryOf, ResultOf } from "../../api/types";
import { usePageSearch } from "../../app/router";
import { ChartFrameContext } from "../../chart";
import { Loaded, Page, Panel, useFormats } from "../../ui";
import { useDayNotes } from "../annotations/useAnnotations";
import { AsOfNote, useAsOf } from "../identity/AsOf";
import { AddToDashboard } from "./AddToDashboard";
import { ChartMenu } from "./ChartMenu";
import { isComplete, NEW, questionFrom } from "./questions";
import { useQuestionTitle } from "./questionTitle";
import { SaveButton } from "./SaveButton";

/** The question on screen, and how to change it. */
export function useQuestion<K extends Kind>(kind: K): [QueryOf<K>, (next: QueryOf<K>) => void, boolean] {
  const [search, setSearch] = usePageSearch();
  const asked = questionFrom(kind, search.q);
  const change = useCallback((next: QueryOf<K>) => setSearch({ q: { kind, ...next } as AnalysisQuery }), [kind, setSearch]);
  return [asked ?? NEW[kind], change, asked !== null];
}

interface WorkbenchProps<K extends Kind> {
  kind: K;
  query: QueryOf<K>;
  /** The sentence of the question. */
  form: ReactNode;
  /** Instead of an answer, while something is to be chosen. */
  empty: string;
  children: (result: ResultOf<K>) => ReactNode;
}

export function Workbench<K extends Kind>({ kind, query, form, empty, children }: WorkbenchProps<K>) {
  const { t } = useTranslation();
  const asked = { kind, ...query } as AnalysisQuery;
  const complete = isComplete(kind, query);
  const [identity_as_of] = useAsOf();
  const answer = useQuery({
    queryKey: ["/analyses/answer", asked, identity_as_of],
    queryFn: ({ signal }) => post<AnalysisAnswer<K>>("/analyses/answer", asked, { query: { identity_as_of }, signal }),
    enabled: complete,
    placeholderData: keepPreviousData,
  });
  const body = useRef<HTMLDivElement>(null);
  const notes = useDayNotes();
  const chartFrame = useMemo(() => ({ notes, tile: false }), [notes]);
  const title = useQuestionTitle()(asked);
  const as_of = answer.isPlaceholderData ? undefined : answer.data?.result.as_of;
  return (
    <Page
      title={t(`nav.${kind}`)}
      status={answer.data && <About about={answer.data.about} at={answer.data.result.as_of} />}
      primary={
        <>
          <ChartMenu of={{ query: asked, identity_as_of, title, as_of, body }} />
          <AddToDashboard query={asked} disabled={!complete} />
          <SaveButton query={asked} disabled={!complete} />
        </>
      }
    >
      <Panel><div className="stack stack-tight">{form}</div></Panel>
      <AsOfNote />
      {complete ? (
        <ChartFrameContext.Provider value={chartFrame}>
          <Loaded query={answer} rows={8}>{(data) => <div ref={body} style={{ opacity: answer.isPlaceholderData ? 0.5 : 1 }}>{children(data.result)}</div>}</Loaded>
        </ChartFrameContext.Provider>
      ) : (
        <Panel><p className="help chart-empty">{empty}</p></Panel>
      )}
    </Page>
  );
}

/** As of when, in which zone, from how many events, in what time; nothing is sampled. */
function About({ about, at }: { about: AnswerAbout; at: number }) {
  const { t } = useTranslation();
  const format = useFormats();
  const detail = t("analyses.about", { events: format.number(about.events_read), time: format.duration(Math.max(1, Math.round(about.took_micros / 1000))), zone: about.zone });
  return <span className="muted small" title={detail}>{t("app.as_of", { time: format.dateTime(at) })}<span className="about-detail"> · {detail}</span></span>;
}
