/** The rows behind a chart, newest first. */

import { useMemo } from "react";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { Time } from "./amount";
import { type ChartRow, type ChartSeries, tableOf } from "./chart-model";
import styles from "./chart-table.module.css";
import { type Column, DataTable } from "./data-table";

export function ChartTable({
  label,
  series,
  height,
}: {
  label: string;
  series: readonly ChartSeries[];
  height: number;
}) {
  const { columns, rows } = useMemo(() => build(series), [series]);
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

function build(series: readonly ChartSeries[]): { columns: Column<ChartRow>[]; rows: ChartRow[] } {
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
    title: t("Time"),
    value: (row) => row.ts,
    cell: (row) => <Time value={row.ts} />,
  };
  return { columns: [time, ...values], rows: table.rows.toReversed() };
}
