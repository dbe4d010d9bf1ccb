/** The backtests of one version. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { engineBacktests } from "../api/generated/sdk.gen";
import type { BacktestShort } from "../api/generated/types.gen";
import { t } from "../lib/message";
import { Age, GainPercent } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { metricName, metricOf, metricText } from "../ui/metric";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import styles from "./strategies.module.css";

const PAGE = 200;
const RUNNING_EVERY_MS = 1_000;

const trialsQuery = queryOptions({
  queryKey: ["backtests"],
  queryFn: ({ signal }) => engineBacktests({ query: { limit: PAGE }, signal }),
  refetchInterval: (query) =>
    query.state.data?.items.some((row) => row.state === "queued" || row.state === "running") ? RUNNING_EVERY_MS : false,
});

const COLUMNS: readonly Column<BacktestShort>[] = [
  {
    id: "created",
    title: t("Asked for"),
    value: (row) => row.created_at,
    cell: (row) => (
      <Link className={styles.name} to="/backtests/$backtest" params={{ backtest: row.id }}>
        <Age value={row.created_at} />
      </Link>
    ),
  },
  { id: "state", title: t("State"), value: (row) => row.state, cell: (row) => stateText(row.state) },
  {
    id: "return",
    title: metricName("total_return"),
    align: "end",
    value: (row) => metricOf(row.metrics, "total_return")?.value,
    cell: (row) => <GainPercent fraction={metricOf(row.metrics, "total_return")?.value} />,
  },
  {
    id: "sharpe",
    title: metricName("sharpe"),
    align: "end",
    value: (row) => metricOf(row.metrics, "sharpe")?.value,
    cell: (row) => metricText(metricOf(row.metrics, "sharpe")),
  },
];

export function TrialsPanel({ version }: { version: string }) {
  const { data, error, refetch } = useQuery(trialsQuery);
  const rows = data?.items.filter((row) => row.version_id === version);
  return (
    <Panel
      title={t("Backtests of this version")}
      flush
      end={<CsvButton name={`version-${version}-backtests`} columns={COLUMNS} rows={rows} />}
    >
      <DataTable
        label={t("Table of backtests")}
        columns={COLUMNS}
        source={{ rows, error, retry: refetch }}
        keyOf={(row) => row.id}
        trouble={t("The backtests could not be read.")}
        loadingRows={2}
        empty={<EmptyState text={t("This version was not tested yet. Choose candles and run it.")} />}
      />
    </Panel>
  );
}

function stateText(state: BacktestShort["state"]): string {
  const words: Record<BacktestShort["state"], string> = {
    queued: t("Queued"),
    running: t("Running"),
    done: t("Done"),
    failed: t("Refused"),
  };
  return words[state];
}
