/** A funnel as columns: how many reached each step, how many went on, how many left. */
import { useFormats } from "../ui";

export interface StepBar {
  key: string;
  name: string;
  people: number;
  /** Beside the conversion: median time, for example. */
  note?: string;
  /** Can be reached without the step before, so nothing is said between the two. */
  apart?: boolean;
}

interface StepsProps {
  steps: StepBar[];
  droppedLabel: string;
  reachedLabel: string;
  onReached?: (index: number) => void;
  onDropped?: (index: number) => void;
}

export function Steps({ steps, droppedLabel, reachedLabel, onReached, onDropped }: StepsProps) {
  const format = useFormats();
  const first = steps[0]?.people ?? 0;
  return (
    <ol className="steps">
      {steps.map((step, index) => {
        const before = index === 0 ? step.people : (steps[index - 1]?.people ?? 0);
        const next = steps[index + 1];
        const after = next?.apart ? undefined : next?.people;
        const share = first > 0 ? step.people / first : 0;
        return (
          <li key={step.key}>
            <div className="steps-head">
              <span className="steps-name" title={step.name}>{index + 1} {step.name}</span>
              <span className="steps-share num">{format.percent(share)}</span>
            </div>
            <button
              type="button"
              className="steps-column"
              disabled={!onReached}
              onClick={() => onReached?.(index)}
              aria-label={`${step.name} ${reachedLabel} ${format.number(step.people)}`}
            >
              <span className="steps-fill" style={{ height: `${Math.max(share * 100, step.people > 0 ? 1.5 : 0)}%` }} />
            </button>
            <div className="steps-foot">
              <button type="button" className="text-button strong" disabled={!onReached} onClick={() => onReached?.(index)}>{format.number(step.people)}</button>
              <span className="muted small num">{[index > 0 && !step.apart && (before > 0 ? format.percent(step.people / before) : "–"), step.note].filter(Boolean).join(" · ")}</span>
              {after !== undefined && (
                <button type="button" className="text-button small steps-dropped" disabled={!onDropped} onClick={() => onDropped?.(index)}>
                  {droppedLabel} {format.number(Math.max(0, step.people - after))}
                </button>
              )}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
