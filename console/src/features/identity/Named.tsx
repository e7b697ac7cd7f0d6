/** An identifier in a line: its kind in words, and its value. */
import type { Identifier } from "../../api/types";
import { useNames } from "../../app/names";
import { Label } from "../../ui";
import { splitNamespace } from "./identity";

export function Named({ id }: { id: Identifier }) {
  const names = useNames();
  return <Label title={id.namespace}>{names.namespace(splitNamespace(id.namespace)[0])} {id.value}</Label>;
}
