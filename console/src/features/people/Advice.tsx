/** What to do next about somebody, each with the fact it rests on. */
import { Lightbulb } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Person } from "../../api/types";
import { Link } from "../../app/router";
import { paths } from "../../paths";

type OneAdvice = Person["advice"][number];

export function Advice({ person }: { person: Person }) {
  const { t } = useTranslation();
  if (person.advice.length === 0) return null;
  return (
    <section className="advice" aria-label={t("people.advice")}>
      <Lightbulb size={15} strokeWidth={1.75} aria-hidden />
      <ul>{person.advice.map((one) => <Line key={one.kind} one={one} />)}</ul>
    </section>
  );
}

function Line({ one }: { one: OneAdvice }) {
  const { t } = useTranslation();
  const { kind, days, every, order_id: order } = one;
  const why = [t(`people.advice_why.${kind}`, { every: every ?? 0 })];
  if (typeof days === "number") why.push(t(kind === "birthday" ? "people.in_days" : "people.days_ago", { count: days }));
  return (
    <li>
      <strong>{t(`people.advices.${kind}`)}</strong> <span className="advice-why">{why.join(" · ")}</span>
      {order && <> <Link to={paths.order(order)} className="small">{t("people.advice_order")}</Link></>}
    </li>
  );
}
