/** A column's head: its title, and where the column has a value, the button that sorts by it. */

import { UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { Column, Sorting } from "./data-table";
import styles from "./data-table.module.css";

type HeaderCellProps<Row> = {
  column: Column<Row>;
  sorting: Sorting | undefined;
  onSort: (sorting: Sorting) => void;
};

export function HeaderCell<Row>({ column, sorting, onSort }: HeaderCellProps<Row>) {
  const active = sorting?.id === column.id;
  const down = active && sorting.down;
  const order = active ? (down ? "descending" : "ascending") : undefined;
  const Arrow = down ? IconArrowDown : IconArrowUp;
  return (
    <th
      scope="col"
      // biome-ignore lint/a11y/noRedundantRoles: the phone layout drops it otherwise
      role="columnheader"
      aria-sort={order}
      className={styles.header}
      data-align={column.align}
      style={{ width: column.width }}
    >
      {column.value ? (
        <UnstyledButton
          className={styles.sort}
          onClick={() => onSort({ id: column.id, down: active ? !down : column.align === "end" })}
        >
          {column.title}
          <Arrow size={13} aria-hidden="true" className={styles.arrow} data-active={active || undefined} />
        </UnstyledButton>
      ) : (
        column.title
      )}
    </th>
  );
}
