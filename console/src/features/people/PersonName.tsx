/** Somebody of whom only the number is known: the name as the viewer may see it, and the way to them. */
import { useList } from "../../api/query";
import type { PersonRow } from "../../api/types";
import { personTitle } from "../../app/names";
import { Link } from "../../app/router";
import { paths } from "../../paths";
import type { Search } from "../../paths";
import { Label } from "../../ui";

export function PersonName({ person, search }: { person: number; search?: Search }) {
  const found = useList<PersonRow>("/people", { query: `#${person}`, limit: 1 });
  const one = found.items?.find((item) => item.person === person);
  const name = one && personTitle(one);
  return <Link to={paths.person(person)} search={search}>{name && name !== `#${person}` ? <>{name} <Label>#{person}</Label></> : `#${person}`}</Link>;
}
