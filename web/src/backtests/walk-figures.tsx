/** The figures out of sample, beside those of the document's own parameters on the same bars without any fitting. */

import type { MetricAnswer } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { metricName, metricText, metricUnit } from "../ui/metric";
import { Panel } from "../ui/panel";
import type { Walk } from "./walk-data";

type Row = MetricAnswer & { fixed: MetricAnswer | undefined };

const COLUMNS: readonly Column<Row>[] = [
  { id: "name", title: t("Figure"), value: (row) => row.name, cell: (row) => metricName(row.name) },
  { id: "value", title: t("Fitted anew"), align: "end", value: (row) => row.value, cell: (row) => metricText(row) },
  {
    id: "fixed",
    title: t("Never fitted"),
    align: "end",
    value: (row) => row.fixed?.value ?? null,
    cell: (row) => metricText(row.fixed),
  },
  { id: "unit", title: t("Unit"), value: (row) => row.unit, cell: metricUnit },
  { id: "sampling", title: t("Sampled"), value: (row) => row.sampling, cell: (row) => row.sampling },
];

export function WalkFigures({ walk }: { walk: Walk }) {
  const rows = walk.metrics.map((row) => ({ ...row, fixed: walk.fixed_metrics.find((one) => one.name === row.name) }));
  return (
    <Panel
      title={t("Statistics, out of sample")}
      flush
      end={<CsvButton name={`walk-forward-${walk.id}-statistics`} columns={COLUMNS} rows={rows} />}
    >
      <DataTable
        label={t("Statistics of this walk-forward")}
        columns={COLUMNS}
        source={{ rows }}
        keyOf={(row) => row.name}
        trouble=""
        empty={null}
      />
    </Panel>
  );
}
