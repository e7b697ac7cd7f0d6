/** Which cells can be watched, which number of theirs, and in which unit it is. */
import type { AlertMeasure, AnalysisCell } from "../../api/types";
import { MONEY_SUFFIX } from "../../ui/format";

/** The numbers of a cell that an alert can be about; the first is meant unless another is chosen. */
export function measuresOf(cell: AnalysisCell): AlertMeasure[] {
  switch (cell.kind) {
    case "trend":
      return ["number"];
    case "funnel":
      return cell.cell.step === 0 && !cell.cell.dropped ? ["people"] : ["people", "share"];
    case "retention":
      return cell.cell.what.kind === "started" ? ["people"] : ["share", "people"];
    case "revenue":
      return cell.cell.what.kind === "started" ? ["people"] : ["people", "share"];
    default:
      return ["people"];
  }
}

/** Whether the cell is of one bucket of several; the latest one that is over is judged then. */
export function bucketOf(cell: AnalysisCell): string | undefined {
  switch (cell.kind) {
    case "trend":
    case "funnel":
    case "interval":
    case "session":
    case "lifecycle":
      return cell.cell.bucket;
    case "retention":
    case "revenue":
      return cell.cell.cohort;
    default:
      return undefined;
  }
}

/** All time has no days that are over, unless it comes in buckets. */
export function canWatch(cell: AnalysisCell): boolean {
  return bucketOf(cell) !== undefined || cell.query.range.kind !== "all";
}

export type Unit = "plain" | "money" | "share";

export function unitOf(cell: AnalysisCell | null, measure: AlertMeasure): Unit {
  if (measure === "share") return "share";
  if (cell?.kind !== "trend" || measure !== "number") return "plain";
  const of = cell.query.series[cell.cell.series]?.measure;
  return of && "property" in of && of.kind !== "distinct" && of.property.endsWith(MONEY_SUFFIX) ? "money" : "plain";
}

/** How many of what the server counts make one of what people write. */
export function partsOf(unit: Unit, minorPerUnit: number): number {
  if (unit === "share") return 0.01;
  return unit === "money" ? minorPerUnit : 1;
}
