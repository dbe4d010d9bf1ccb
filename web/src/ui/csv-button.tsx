/** Saves a table's rows, in the order given and with full precision, as a CSV file. */

import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { downloadCsv } from "../lib/csv";
import { t } from "../lib/message";
import type { Column } from "./data-table";

type CsvButtonProps<Row> = {
  /** File name without ending: page, id and range. */
  name: string;
  columns: readonly Pick<Column<Row>, "title" | "value">[];
  rows: readonly Row[] | undefined;
  label?: string;
};

/** The key `e` presses the page's first one. */
export function CsvButton<Row>({ name, columns, rows, label = t("CSV") }: CsvButtonProps<Row>) {
  const save = () => {
    const kept = columns.flatMap(({ title, value }) => (value ? [{ title, value }] : []));
    const header = kept.map((column) => column.title);
    downloadCsv(
      name,
      header,
      (rows ?? []).map((row) => kept.map((column) => column.value(row))),
    );
  };
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} aria-hidden="true" />}
      disabled={!rows?.length}
      onClick={save}
      data-csv=""
    >
      {label}
    </Button>
  );
}
