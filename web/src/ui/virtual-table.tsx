/** A table of thousands of rows of which a screenful is drawn; sorted as one, with the place of each row for the ear. */

import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { sortRows } from "../lib/sort";
import type { Column, Sorting } from "./data-table";
import styles from "./data-table.module.css";
import { HeaderCell } from "./header-cell";
import { RowCells } from "./row-cells";
import own from "./virtual-table.module.css";

const ROW_PX = 40;
const OVERSCAN = 12;

type VirtualTableProps<Row> = {
  /** Names the table for the ear. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Of all that is shown, in pixels, at most. */
  height: number;
};

export function VirtualTable<Row>({ label, columns, rows, keyOf, height }: VirtualTableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const [sorting, setSorting] = useState<Sorting | undefined>(undefined);
  const sorted = useMemo(() => {
    const value = columns.find((column) => column.id === sorting?.id)?.value;
    return value && sorting ? sortRows(rows, value, sorting.down) : rows;
  }, [rows, columns, sorting]);
  const virtualizer = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  const items = virtualizer.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    // biome-ignore-start lint/a11y/noNoninteractiveTabindex: it scrolls
    // biome-ignore-start lint/a11y/useSemanticElements: a fieldset is for fields
    <div
      ref={scroller}
      className={own.scroll}
      style={{ maxHeight: height }}
      role="group"
      tabIndex={0}
      aria-label={label}
    >
      {/* biome-ignore-start lint/a11y/noRedundantRoles: the phone layout turns the parts into blocks, which drops their roles */}
      <table className={styles.table} role="table" aria-label={label} aria-rowcount={sorted.length + 1}>
        <thead className={`${styles.head} ${own.head}`} role="rowgroup">
          <tr role="row" aria-rowindex={1}>
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} sorting={sorting} onSort={setSorting} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          <Space height={above} />
          {items.map((item) => {
            const row = sorted[item.index];
            return row === undefined ? null : (
              <Line key={keyOf(row)} row={row} item={item} columns={columns} measure={virtualizer.measureElement} />
            );
          })}
          <Space height={below} />
        </tbody>
      </table>
      {/* biome-ignore-end lint/a11y/noRedundantRoles: see above */}
    </div>
    // biome-ignore-end lint/a11y/useSemanticElements: see above
    // biome-ignore-end lint/a11y/noNoninteractiveTabindex: see above
  );
}

type LineProps<Row> = {
  row: Row;
  item: VirtualItem;
  columns: readonly Column<Row>[];
  measure: (element: Element | null) => void;
};

function Line<Row>({ row, item, columns, measure }: LineProps<Row>) {
  return (
    // biome-ignore-start lint/a11y/noRedundantRoles: see above
    <tr ref={measure} role="row" className={styles.row} data-index={item.index} aria-rowindex={item.index + 2}>
      <RowCells columns={columns} row={row} />
    </tr>
    // biome-ignore-end lint/a11y/noRedundantRoles: see above
  );
}

/** Stands for the rows that are not drawn. */
function Space({ height }: { height: number }) {
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row without a tabindex is not focusable
  return height > 0 ? <tr aria-hidden="true" className={own.space} style={{ height }} /> : null;
}
