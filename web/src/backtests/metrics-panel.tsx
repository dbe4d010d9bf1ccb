/** Every statistic of a run, with how it was sampled; one that cannot be stated says why. */

import type { BacktestAnswer, MetricAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { metricName, metricText } from "../ui/metric";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";

const COLUMNS: readonly Column<MetricAnswer>[] = [
  { id: "name", title: t("Figure"), value: (row) => row.name, cell: (row) => metricName(row.name) },
  { id: "value", title: t("Value"), align: "end", value: (row) => row.value, cell: (row) => metricText(row) },
  { id: "unit", title: t("Unit"), value: (row) => row.unit, cell: (row) => row.unit },
  { id: "sampling", title: t("Sampled"), value: (row) => row.sampling, cell: (row) => row.sampling },
  { id: "note", title: t("Note"), value: (row) => row.note, cell: (row) => row.note || "" },
];

export function MetricsPanel({ backtest }: { backtest: BacktestAnswer }) {
  const rows = backtest.metrics ?? [];
  return (
    <Panel
      title={t("Statistics")}
      flush
      end={<CsvButton name={`backtest-${backtest.id}-statistics`} columns={COLUMNS} rows={rows} />}
    >
      <DataTable
        label={t("Statistics of this backtest")}
        columns={COLUMNS}
        source={{ rows }}
        keyOf={(row) => row.name}
        trouble=""
        empty={<EmptyState text={t("No statistics were stored.")} />}
      />
    </Panel>
  );
}
