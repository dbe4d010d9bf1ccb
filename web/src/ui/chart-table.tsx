/** The rows behind a chart, newest first; those of an axis that counts in its order. */

import { useMemo } from "react";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { Time } from "./amount";
import { type ChartRow, type ChartSeries, placeWords, tableOf } from "./chart-model";
import styles from "./chart-table.module.css";
import { type Column, DataTable } from "./data-table";

export function ChartTable({
  label,
  series,
  height,
  counted,
}: {
  label: string;
  series: readonly ChartSeries[];
  height: number;
  counted?: string | undefined;
}) {
  const { columns, rows } = useMemo(() => build(series, counted), [series, counted]);
  return (
    <div className={styles.frame} style={{ height }}>
      <DataTable
        label={t("{title}: the rows", { title: label })}
        columns={columns}
        source={{ rows }}
        keyOf={(row) => String(row.ts)}
        empty={null}
        trouble=""
      />
    </div>
  );
}

function build(
  series: readonly ChartSeries[],
  counted: string | undefined,
): { columns: Column<ChartRow>[]; rows: ChartRow[] } {
  const table = tableOf(series);
  const values = table.header.map((title, index): Column<ChartRow> => {
    const value = (row: ChartRow) => row.cells[index];
    const cell = (row: ChartRow) => {
      const found = row.cells[index];
      return formatNumber(typeof found === "number" || typeof found === "string" ? found : null);
    };
    return { id: `${index}`, title, align: "end", value, cell };
  });
  const time: Column<ChartRow> = {
    id: "ts",
    title: counted ?? t("Time"),
    value: (row) => row.ts,
    cell: (row) => (counted === undefined ? <Time value={row.ts} /> : placeWords(row.ts, counted)),
  };
  return { columns: [time, ...values], rows: counted === undefined ? table.rows.toReversed() : table.rows };
}
