/** The cells of one row; each has its column's title for the phone layout, where a row is a card. */

import type { Column } from "./data-table";
import styles from "./data-table.module.css";

export function RowCells<Row>({ columns, row }: { columns: readonly Column<Row>[]; row: Row }) {
  return columns.map((column) => (
    <td
      key={column.id}
      // biome-ignore lint/a11y/noRedundantRoles: the phone layout turns the parts into blocks, which drops their roles
      role="cell"
      className={styles.cell}
      data-align={column.align}
      data-sentence={column.isSentence || undefined}
    >
      <span className={styles.name} aria-hidden="true">
        {column.title}
      </span>
      <div className={styles.content}>{column.cell(row)}</div>
    </td>
  ));
}
