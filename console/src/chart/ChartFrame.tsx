/** What charts below know of the place they stand in: the notes of days, and how much room there is. */
import { Flag } from "lucide-react";
import { createContext, useContext, useMemo } from "react";
import { Tooltip } from "../ui";
import { notesOf, withDay, type DayNote } from "./marks";

export interface ChartFrame {
  notes: readonly DayNote[];
  /** In a tile: the chart alone, without its switches. */
  tile: boolean;
}

export const ChartFrameContext = createContext<ChartFrame>({ notes: [], tile: false });

export function useChartFrame(): ChartFrame {
  return useContext(ChartFrameContext);
}

/** The notes of the rows of a table by time, by the index of the row. */
export function useRowNotes(starts: string[]): Map<number, string[]> {
  const { notes } = useChartFrame();
  return useMemo(() => notesOf(starts, notes), [starts, notes]);
}

/** Beside the row that begins on a day; what it says opens by pointing at it or by the keyboard. */
export function RowFlag({ start, notes }: { start: string; notes: string[] | undefined }) {
  if (!notes) return null;
  const text = notes.join(" · ");
  return (
    <Tooltip title={text}>
      <span className="row-flag" role="img" aria-label={text} tabIndex={0}>
        <Flag size={11} />
        {notes.map((note) => <span key={note} hidden data-note={withDay(start, note)} />)}
      </span>
    </Tooltip>
  );
}
