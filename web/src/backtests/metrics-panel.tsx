/** Every statistic of a run, with how it was sampled; one that cannot be stated says why. */

import type { BacktestAnswer, MetricAnswer, SpreadAnswer } from "../api/generated/types.gen";
import { formatNumber, formatPercent } from "../lib/format";
import { t } from "../lib/message";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { metricName, metricText, metricUnit } from "../ui/metric";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import styles from "./belief.module.css";

type Row = MetricAnswer & { low: number | null; high: number | null };

const COLUMNS: readonly Column<Row>[] = [
  { id: "name", title: t("Figure"), value: (row) => row.name, cell: (row) => metricName(row.name) },
  { id: "value", title: t("Value"), align: "end", value: (row) => row.value, cell: (row) => metricText(row) },
  {
    id: "interval",
    title: t("Could have been"),
    align: "end",
    value: (row) => (row.low === null ? null : `${row.low} to ${row.high}`),
    cell: (row) => intervalText(row),
  },
  { id: "unit", title: t("Unit"), value: (row) => row.unit, cell: metricUnit },
  { id: "sampling", title: t("Sampled"), value: (row) => row.sampling, cell: (row) => row.sampling },
  { id: "note", title: t("Note"), value: (row) => row.note, cell: (row) => row.note || "" },
];

export function MetricsPanel({ backtest }: { backtest: BacktestAnswer }) {
  const { spread } = backtest;
  const rows = (backtest.metrics ?? []).map((row) => withInterval(row, spread));
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
      {spread ? <p className={styles.note}>{noteOf(spread)}</p> : null}
    </Panel>
  );
}

/** The figures whose interval was drawn. */
const DRAWN = ["total_return", "sharpe", "max_drawdown"] as const;

function withInterval(row: MetricAnswer, spread: SpreadAnswer | null | undefined): Row {
  const name = DRAWN.find((one) => one === row.name);
  const found = name && spread ? spread[name] : null;
  return { ...row, low: found?.low ?? null, high: found?.high ?? null };
}

function intervalText(row: Row): string {
  if (row.low === null || row.high === null) return "";
  const [low, high] = [row.low, row.high].map((value) => metricText({ ...row, value }));
  return t("{low} to {high}", { low: low ?? "", high: high ?? "" });
}

function noteOf({ resamples, sharpe, block_length }: SpreadAnswer): string {
  return t(
    "Could have been: in {level} of {count} histories drawn from this one's daily returns, in blocks of {days} days on average (stationary bootstrap). It does not know that the strategy was chosen; the verdict does.",
    {
      level: formatPercent(sharpe.level, { digits: 0 }),
      count: formatNumber(resamples),
      days: formatNumber(block_length, { digits: 1 }),
    },
  );
}
