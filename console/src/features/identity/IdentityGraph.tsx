/** The identifiers of one person and the evidence between them, small. */
import { useTranslation } from "react-i18next";
import type { HeldIdentifier, IdentityLink } from "../../api/types";
import { useNames } from "../../app/names";
import { draw, splitNamespace } from "./identity";

interface IdentityGraphProps {
  identifiers: HeldIdentifier[];
  links: IdentityLink[];
}

export function IdentityGraph({ identifiers, links }: IdentityGraphProps) {
  const { t } = useTranslation();
  const names = useNames();
  const drawing = draw(identifiers, links);
  const places = new Map(drawing.nodes.map((node) => [node.held.node, node]));
  if (drawing.nodes.length < 2) return null;
  return (
    <figure className="identity-graph" style={{ height: drawing.height }} aria-label={t("identity.graph")}>
      <svg viewBox={`0 0 100 ${drawing.height}`} preserveAspectRatio="none" aria-hidden>
        {drawing.links.map((link) => {
          const [a, b] = [places.get(link.a), places.get(link.b)];
          if (!a || !b) return null;
          const [from, to] = [16 + a.x * 68, 16 + b.x * 68];
          const bend = a.x === b.x ? 10 : (to - from) / 2;
          const kind = link.by_hand ? "by-hand" : link.strong ? "strong" : "weak";
          return <path key={`${link.a}-${link.b}`} className={`identity-link identity-link-${kind}`} d={`M ${from} ${a.y} C ${from + bend} ${a.y}, ${to - (a.x === b.x ? -10 : bend)} ${b.y}, ${to} ${b.y}`} />;
        })}
      </svg>
      {drawing.nodes.map(({ held, x, y }) => {
        const [namespace, scope] = splitNamespace(held.namespace);
        return (
          <span key={held.node} className={`identity-node identity-${held.class}${held.former ? " identity-former" : ""}`} style={{ insetInlineStart: `${16 + x * 68}%`, top: y }} title={`${names.namespace(namespace)}${scope && ` · ${scope}`}: ${held.value}`}>
            <small>{names.namespace(namespace)}</small>
            <b>{held.value}</b>
          </span>
        );
      })}
      {drawing.left > 0 && <figcaption className="help">{t("identity.more_below", { count: drawing.left })}</figcaption>}
    </figure>
  );
}
