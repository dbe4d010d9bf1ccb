/** Every part of the installation: how it is and why. */

import type { Part, Status } from "../lib/contract";
import { t } from "../lib/message";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { PartSign } from "./part-sign";
import { partAge, partName } from "./part-words";
import styles from "./status.module.css";

const COLUMNS: readonly Column<Part>[] = [
  {
    id: "name",
    title: t("Part"),
    value: (row) => row.name,
    cell: (row) => <span className={styles.name}>{partName(row)}</span>,
    width: "160px",
  },
  {
    id: "state",
    title: t("State"),
    value: (row) => row.state,
    cell: (row) => <PartSign state={row.state} />,
    width: "150px",
  },
  {
    id: "detail",
    title: t("Detail"),
    value: (row) => row.detail,
    cell: (row) => <span className={styles.detail}>{row.detail}</span>,
  },
  {
    id: "age",
    title: t("Sign of life"),
    align: "end",
    value: (row) => row.age_s,
    cell: (row) => partAge(row),
    width: "220px",
  },
];

/** A file holds the bare number, and says its unit. */
const IN_FILE = COLUMNS.map((column) => (column.id === "age" ? { ...column, title: t("Age (s)") } : column));

type PartsProps = { status: Status | undefined; error: unknown; retry: () => unknown };

export function PartsPanel({ status, error, retry }: PartsProps) {
  return (
    <Panel title={t("Parts")} flush end={<CsvButton name="status" columns={IN_FILE} rows={status?.parts} />}>
      <DataTable
        label={t("State of each part")}
        columns={COLUMNS}
        source={{ rows: status?.parts, error, retry }}
        keyOf={(row) => row.name}
        loadingRows={6}
        trouble={t("The status could not be read, so nothing is known about the parts.")}
        empty={<EmptyState text={t("The server names no parts.")} />}
      />
    </Panel>
  );
}
