/** The one table: a semantic `<table>` with states, sorting of complete lists, chosen columns and growing pages. */
import { ChevronDown, ChevronRight, ChevronUp, Columns3 } from "lucide-react";
import { Fragment, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ListResult } from "../api/query";
import { Button, Checkbox, ErrorView, Popover, Skeleton } from "../ui";

export interface Column<T> {
  key: string;
  title: string;
  cell: (row: T) => ReactNode;
  align?: "end";
  /** Makes the column sortable while the list is complete. */
  sort?: (row: T) => string | number;
  width?: number | string;
  /** Left out on phones. */
  wideOnly?: boolean;
}

interface DataTableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string | number;
  onOpen?: (row: T) => void;
  expand?: (row: T) => ReactNode;
  hasMore?: boolean;
  loadingMore?: boolean;
  onMore?: () => void;
  /** Under this name the chosen columns are remembered. */
  id?: string;
  toolbar?: ReactNode;
}

interface Sort {
  key: string;
  descending: boolean;
}

export function DataTable<T>(props: DataTableProps<T>) {
  const { t } = useTranslation();
  const [sort, setSort] = useState<Sort | null>(null);
  const [open, setOpen] = useState<ReadonlySet<string | number>>(new Set());
  const { hidden, chooser } = useColumnChooser(props.id, props.columns);
  const columns = props.columns.filter((column) => !hidden.includes(column.key));
  const rows = props.hasMore ? props.rows : sorted(props.rows, columns, sort);
  const toggle = (key: string | number) => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    setOpen(next);
  };
  return (
    <div className="table-frame">
      {props.toolbar === undefined ? (
        chooser && <div className="table-corner">{chooser}</div>
      ) : (
        <div className="table-toolbar">
          <div className="row grow">{props.toolbar}</div>
          {chooser}
        </div>
      )}
      <div className="table-scroll" tabIndex={0} role="region" aria-label={props.label}>
        <table>
          <thead>
            <tr>
              {props.expand && <th scope="col" className="cell-expand"><span className="sr-only">{t("table.expand")}</span></th>}
              {columns.map((column) => (
                <HeadCell key={column.key} column={column} sort={props.hasMore ? null : sort} sortable={!props.hasMore} onSort={setSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const key = props.rowKey(row);
              return (
                <Fragment key={key}>
                  <tr
                    className={props.onOpen || props.expand ? "row-open" : undefined}
                    onClick={(event) => {
                      if (event.target instanceof Element && event.target.closest("a,button,input,label,.ant-popover,.ant-dropdown")) return;
                      if (props.expand) toggle(key);
                      else props.onOpen?.(row);
                    }}
                  >
                    {props.expand && (
                      <td className="cell-expand">
                        <button type="button" className="expander" aria-expanded={open.has(key)} aria-label={t("table.expand")} onClick={() => toggle(key)}>
                          {open.has(key) ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
                        </button>
                      </td>
                    )}
                    {columns.map((column) => (
                      <td key={column.key} className={cellClass(column)}>{column.cell(row)}</td>
                    ))}
                  </tr>
                  {props.expand && open.has(key) && (
                    <tr className="row-detail"><td colSpan={columns.length + 1}>{props.expand(row)}</td></tr>
                  )}
                </Fragment>
              );
            })}
          </tbody>
        </table>
      </div>
      {props.hasMore && (
        <div className="table-more">
          <Button onClick={props.onMore} loading={props.loadingMore}>{t("table.more")}</Button>
        </div>
      )}
    </div>
  );
}

function cellClass<T>(column: Column<T>): string {
  return [column.align === "end" ? "cell-end" : "", column.wideOnly ? "wide-only" : ""].join(" ").trim();
}

function sorted<T>(rows: readonly T[], columns: Column<T>[], sort: Sort | null): readonly T[] {
  const by = columns.find((column) => column.key === sort?.key)?.sort;
  if (!by || !sort) return rows;
  const sign = sort.descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [by(a), by(b)];
    if (typeof left === "number" && typeof right === "number") return sign * (left - right);
    return sign * String(left).localeCompare(String(right));
  });
}

interface HeadCellProps<T> {
  column: Column<T>;
  sort: Sort | null;
  sortable: boolean;
  onSort: (sort: Sort | null) => void;
}

function HeadCell<T>({ column, sort, sortable, onSort }: HeadCellProps<T>) {
  const active = sort?.key === column.key ? sort : null;
  const direction = active === null ? "none" : active.descending ? "descending" : "ascending";
  return (
    <th scope="col" className={cellClass(column)} style={{ width: column.width }} aria-sort={column.sort && sortable ? direction : undefined}>
      {column.sort && sortable ? (
        <button
          type="button"
          onClick={() => onSort(active === null ? { key: column.key, descending: true } : active.descending ? { key: column.key, descending: false } : null)}
        >
          {column.title}
          {active && (active.descending ? <ChevronDown size={12} /> : <ChevronUp size={12} />)}
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}

function useColumnChooser<T>(id: string | undefined, columns: Column<T>[]) {
  const { t } = useTranslation();
  const storageKey = `siyu.columns.${id ?? ""}`;
  const [hidden, setHidden] = useState<string[]>(() => {
    const stored = id === undefined ? null : localStorage.getItem(storageKey);
    return stored === null ? [] : stored.split(",");
  });
  if (id === undefined) return { hidden, chooser: null };
  const choose = (key: string, shown: boolean) => {
    const next = shown ? hidden.filter((k) => k !== key) : [...hidden, key];
    setHidden(next);
    localStorage.setItem(storageKey, next.join(","));
  };
  const content = (
    <div className="stack stack-tight">
      {columns.slice(1).map((column) => (
        <Checkbox key={column.key} checked={!hidden.includes(column.key)} onChange={(event) => choose(column.key, event.target.checked)}>
          {column.title}
        </Checkbox>
      ))}
    </div>
  );
  const chooser = (
    <Popover content={content} trigger="click" placement="bottomRight" arrow={false}>
      <Button type="text" size="small" icon={<Columns3 size={14} />} aria-label={t("table.columns")} title={t("table.columns")} />
    </Popover>
  );
  return { hidden, chooser };
}

interface ListTableProps<T> extends Omit<DataTableProps<T>, "rows" | "hasMore" | "onMore" | "loadingMore"> {
  list: ListResult<T>;
  empty: ReactNode;
}

/** A table of one API list with all its states. */
export function ListTable<T>({ list, empty, ...props }: ListTableProps<T>) {
  const body = () => {
    if (list.items === undefined) {
      if (list.error) return <ErrorView error={list.error} onRetry={() => void list.refetch()} />;
      return <div className="table-loading"><Skeleton rows={6} /></div>;
    }
    if (list.items.length === 0) return empty;
    return null;
  };
  const instead = body();
  if (instead !== null) {
    return (
      <div className="table-frame">
        {props.toolbar !== undefined && <div className="table-toolbar"><div className="row grow">{props.toolbar}</div></div>}
        {instead}
      </div>
    );
  }
  return (
    <DataTable
      {...props}
      rows={list.items ?? []}
      hasMore={list.hasNextPage}
      loadingMore={list.isFetchingNextPage}
      onMore={() => void list.fetchNextPage()}
    />
  );
}
