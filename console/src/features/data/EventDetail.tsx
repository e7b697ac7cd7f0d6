/** The properties of one event, in short and in full. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Identifier, Props } from "../../api/types";
import { useNames } from "../../app/names";
import { CopyButton } from "../../ui";

const SHOWN = 3;

export function PropsLine({ props }: { props: Props }) {
  const names = useNames();
  const entries = Object.entries(props);
  const text = entries.slice(0, SHOWN).map(([name, value]) => `${names.property(name)} ${names.value(name, value)}`).join(" · ");
  return <span className="muted">{text}{entries.length > SHOWN ? ` · +${entries.length - SHOWN}` : ""}</span>;
}

interface DetailProps {
  ids?: Identifier[];
  props: Props;
  /** Shows a property that the viewer sees masked; null for the others. */
  masked?: (name: string, value: string) => ReactNode;
}

export function EventDetail({ ids, props, masked }: DetailProps) {
  const { t } = useTranslation();
  const names = useNames();
  return (
    <div className="event-detail">
      {ids && ids.length > 0 && (
        <dl className="pairs">
          {ids.map((id) => (
            <div key={`${id.namespace}:${id.value}`} className="pair">
              <dt>{names.namespace(id.namespace)}</dt>
              <dd>{id.value}</dd>
            </div>
          ))}
        </dl>
      )}
      <dl className="pairs">
        {Object.entries(props).map(([name, value]) => (
          <div key={name} className="pair">
            <dt title={name}>{names.property(name)}</dt>
            <dd>{masked?.(name, names.value(name, value)) ?? names.value(name, value)}</dd>
          </div>
        ))}
      </dl>
      <CopyButton text={JSON.stringify({ ids, props }, null, 2)} label={t("data.copy_json")} />
    </div>
  );
}
