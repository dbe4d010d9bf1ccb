/** A table of rows in one of four states: loading shape, empty with a next step, error with a retry, data. */

import { Button } from "@mantine/core";
import { type ReactNode, useMemo, useState } from "react";
import type { Cell } from "../lib/csv";
import { plural, t } from "../lib/message";
import { sortRows } from "../lib/sort";
import styles from "./data-table.module.css";
import { HeaderCell } from "./header-cell";
import { RowCells } from "./row-cells";
import { ErrorState, LoadingRows } from "./states";

/** Drawn at once and added by each "Show more"; the CSV always has all. */
const PORTION = 100;

export type Column<Row> = {
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** What to sort by and what the CSV holds: full precision, ISO times. Without it, neither. */
  value?: (row: Row) => Cell;
  /** Numbers stand at the right. */
  align?: "end";
  /** Holds sentences: on a phone it stands under its title, not beside it. */
  isSentence?: boolean;
  /** A CSS width, for columns that must not move. */
  width?: string;
};

export type Sorting = { id: string; down: boolean };

/** What a query holds: `rows` undefined while loading. */
export type Loaded<Row> = { rows: readonly Row[] | undefined; error?: unknown; retry?: () => unknown };

type DataTableProps<Row> = {
  /** Names the table for the ear. */
  label: string;
  columns: readonly Column<Row>[];
  source: Loaded<Row>;
  keyOf: (row: Row, place: number) => string;
  empty: ReactNode;
  /** "The series could not be loaded." */
  trouble: string;
  sortedBy?: Sorting;
  loadingRows?: number;
};

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { source } = props;
  if (source.rows === undefined) {
    if (source.error) return <ErrorState error={source.error} what={props.trouble} retry={source.retry} />;
    return <LoadingRows rows={props.loadingRows ?? 5} />;
  }
  if (source.rows.length === 0) return <>{props.empty}</>;
  return <Filled {...props} rows={source.rows} />;
}

function Filled<Row>({ label, columns, keyOf, rows, sortedBy }: DataTableProps<Row> & { rows: readonly Row[] }) {
  const [sorting, setSorting] = useState<Sorting | undefined>(sortedBy);
  const [shown, setShown] = useState(PORTION);
  const sorted = useMemo(() => {
    const value = columns.find((column) => column.id === sorting?.id)?.value;
    return value && sorting ? sortRows(rows, value, sorting.down) : rows;
  }, [rows, columns, sorting]);
  const rest = sorted.length - shown;
  return (
    <>
      {/* What scrolls must be reachable by keyboard; a group, as a second region of one name would confuse. */}
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: it scrolls */}
      {/* biome-ignore-start lint/a11y/useSemanticElements: a fieldset is for fields */}
      <div className={styles.scroll} role="group" tabIndex={0} aria-label={label}>
        {/* biome-ignore-start lint/a11y/noRedundantRoles: the phone layout turns the parts into blocks, which drops their roles */}
        <table className={styles.table} role="table" aria-label={label}>
          <thead className={styles.head} role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <HeaderCell key={column.id} column={column} sorting={sorting} onSort={setSorting} />
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {sorted.slice(0, shown).map((row, place) => (
              <tr key={keyOf(row, place)} role="row" className={styles.row}>
                <RowCells columns={columns} row={row} />
              </tr>
            ))}
          </tbody>
        </table>
        {/* biome-ignore-end lint/a11y/noRedundantRoles: see above */}
      </div>
      {/* biome-ignore-end lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: see above */}
      {rest > 0 ? (
        <div className={styles.more}>
          <Button variant="subtle" onClick={() => setShown(shown + PORTION)}>
            {plural(rest, "Show {count} more row", "Show more of {count} rows")}
          </Button>
          <span className={styles.note}>{t("The CSV holds all of them.")}</span>
        </div>
      ) : null}
    </>
  );
}
