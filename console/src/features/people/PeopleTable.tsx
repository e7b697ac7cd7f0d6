/** A list of people, the same wherever people are listed. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ListResult } from "../../api/query";
import type { PersonRow } from "../../api/types";
import { personTitle, useNames, type Names } from "../../app/names";
import { Link, useGo } from "../../app/router";
import { paths } from "../../paths";
import { DataTable, ListTable, type Column } from "../../table";
import { Ago, Num } from "../../ui";

const ATTRIBUTES_SHOWN = 3;

function useColumns(): Column<PersonRow>[] {
  const { t } = useTranslation();
  const names = useNames();
  return [
    {
      key: "person",
      title: t("data.person"),
      cell: (row) => (
        <div className="cell-title">
          <Link to={paths.person(row.person)}>{personTitle(row)}</Link>
          <span>{identifiersLine(row, names)}</span>
        </div>
      ),
    },
    { key: "attributes", title: t("people.attributes"), wideOnly: true, cell: (row) => <span className="muted">{attributesLine(row, names)}</span> },
    { key: "events", title: t("people.events"), align: "end", sort: (row) => row.event_count, cell: (row) => <Num value={row.event_count} /> },
    { key: "first", title: t("data.first_seen"), wideOnly: true, sort: (row) => row.first_seen ?? "", cell: (row) => <Ago at={row.first_seen} /> },
    { key: "last", title: t("people.last_seen"), sort: (row) => row.last_seen ?? "", cell: (row) => <Ago at={row.last_seen} /> },
  ];
}

function identifiersLine(row: PersonRow, names: Names): string {
  const title = personTitle(row);
  return row.identifiers.filter((id) => id.value !== title && id.namespace !== "device").map((id) => `${names.namespace(id.namespace)} ${id.value}`).join(" · ");
}

function attributesLine(row: PersonRow, names: Names): string {
  return Object.entries(row.attributes)
    .filter(([name]) => name !== "name")
    .slice(0, ATTRIBUTES_SHOWN)
    .map(([name, value]) => names.value(name, value))
    .join(" · ");
}

interface PeopleTableProps {
  list: ListResult<PersonRow>;
  toolbar?: ReactNode;
  empty: ReactNode;
}

export function PeopleTable({ list, toolbar, empty }: PeopleTableProps) {
  const { t } = useTranslation();
  const go = useGo();
  return (
    <ListTable id="people" label={t("nav.people")} list={list} columns={useColumns()} rowKey={(row) => row.person} onOpen={(row) => go(paths.person(row.person))} toolbar={toolbar} empty={empty} />
  );
}

/** A short, complete list, as in a drawer. */
export function PeopleRows({ people }: { people: PersonRow[] }) {
  const { t } = useTranslation();
  const go = useGo();
  const columns = useColumns().filter((column) => column.key !== "attributes" && column.key !== "first");
  return <DataTable label={t("nav.people")} rows={people} columns={columns} rowKey={(row) => row.person} onOpen={(row) => go(paths.person(row.person))} />;
}
