/** The question that an answer on screen belongs to: of a page the address holds it, a tile of a dashboard brings its own. */
import { createContext, useContext } from "react";
import type { AnalysisQuery } from "../../api/types";
import { usePageSearch } from "../../app/router";

export interface Asked {
  query: AnalysisQuery | undefined;
  /** People are told apart as at this instant. */
  as_of?: string;
}

/** Set by tiles. */
export const AskedContext = createContext<Asked | null>(null);

export function useAskedQuery(): AnalysisQuery | undefined {
  const own = useContext(AskedContext);
  const [search] = usePageSearch();
  return own ? own.query : search.q;
}

/** Of a tile, whose question is not changed where it stands. */
export function useFixed(): Asked | null {
  return useContext(AskedContext);
}
