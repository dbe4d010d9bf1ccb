/** The rows of a file that were left out: line, reason, and the row as it stands in the file. */

import { useQuery } from "@tanstack/react-query";
import type { Import, ImportProblem } from "../lib/contract";
import { formatNumber } from "../lib/format";
import { plural, t } from "../lib/message";
import { Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Buttons, Dialog } from "../ui/dialog";
import { EmptyState } from "../ui/states";
import styles from "./data.module.css";
import { quarantineQuery } from "./data-queries";

const COLUMNS: readonly Column<ImportProblem>[] = [
  {
    id: "line",
    title: t("Line"),
    align: "end",
    width: "72px",
    value: (row) => row.line,
    cell: (row) => (row.line > 0 ? formatNumber(row.line) : t("whole file")),
  },
  { id: "reason", title: t("Reason"), value: (row) => row.reason, cell: (row) => row.reason },
  {
    id: "kept",
    title: t("What happened"),
    value: (row) => (row.kept ? t("kept, only reported") : t("left out")),
    cell: (row) => (row.kept ? t("Kept, only reported") : t("Left out")),
  },
  { id: "raw", title: t("As in the file"), value: (row) => row.raw, cell: (row) => <Mono>{row.raw}</Mono> },
];

export function QuarantineDialog({ done, onClose }: { done: Import; onClose: () => void }) {
  const { data, error, refetch } = useQuery(quarantineQuery(done.id));
  return (
    <Dialog opened title={done.name} onClose={onClose} size="xl">
      <p>
        {done.status === "refused"
          ? t("The file was refused as a whole; nothing of it was kept.")
          : plural(
              done.rows_quarantined,
              "{count} row was left out; the rest was kept.",
              "{count} rows were left out; the rest was kept.",
            )}
      </p>
      <DataTable
        label={t("Rows left out")}
        columns={COLUMNS}
        source={{ rows: data, error, retry: refetch }}
        keyOf={(row) => `${row.line} ${row.code}`}
        empty={<EmptyState text={t("No row of this file was reported.")} />}
        trouble={t("The rows could not be loaded.")}
      />
      {data && data.length < done.rows_quarantined ? (
        <p className={styles.dim}>
          {plural(data.length, "The first {count} is kept for reading.", "The first {count} are kept for reading.")}
        </p>
      ) : null}
      <Buttons>
        <CsvButton name={`left-out-${done.name}`} columns={COLUMNS} rows={data} />
      </Buttons>
    </Dialog>
  );
}
