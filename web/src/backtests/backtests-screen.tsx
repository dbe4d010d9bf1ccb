/** All backtests, newest first: each is a registered trial, whatever came out. */

import { Button } from "@mantine/core";
import { IconClipboardData } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { BacktestShort } from "../api/generated/types.gen";
import { shortHash } from "../lib/format";
import { t } from "../lib/message";
import { Age, GainPercent, Mono } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { metricName, metricOf, metricText } from "../ui/metric";
import { Page } from "../ui/page";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import { backtestState, backtestsQuery } from "./backtest-data";
import styles from "./backtests.module.css";

const COLUMNS: readonly Column<BacktestShort>[] = [
  {
    id: "name",
    title: t("Strategy"),
    value: (row) => row.name,
    cell: (row) => (
      <Link className={styles.name} to="/backtests/$backtest" params={{ backtest: row.id }} data-row="">
        {row.name}
      </Link>
    ),
  },
  {
    id: "state",
    title: t("State"),
    value: (row) => row.state,
    width: "120px",
    cell: (row) => {
      const { text, tone } = backtestState(row.state);
      return (
        <StatePill tone={tone} pulse={row.state === "running"}>
          {text}
        </StatePill>
      );
    },
  },
  ...(["total_return", "hold_return"] as const).map(
    (name): Column<BacktestShort> => ({
      id: name,
      title: metricName(name),
      align: "end",
      value: (row) => metricOf(row.metrics, name)?.value,
      cell: (row) => <GainPercent fraction={metricOf(row.metrics, name)?.value} />,
    }),
  ),
  ...(["sharpe", "max_drawdown", "closed_positions"] as const).map(
    (name): Column<BacktestShort> => ({
      id: name,
      title: metricName(name),
      align: "end",
      value: (row) => metricOf(row.metrics, name)?.value,
      cell: (row) => metricText(metricOf(row.metrics, name)),
    }),
  ),
  {
    id: "hash",
    title: t("Document hash"),
    value: (row) => row.hash,
    cell: (row) => <Mono>{shortHash(row.hash)}</Mono>,
  },
  {
    id: "created",
    title: t("Asked for"),
    align: "end",
    value: (row) => row.created_at,
    cell: (row) => <Age value={row.created_at} />,
  },
];

export function BacktestsScreen() {
  const { data, error, refetch } = useQuery(backtestsQuery);
  return (
    <Page
      title={t("Backtests")}
      lead={t("Every backtest is a trial that counts, also the ones nobody reports.")}
      actions={<CsvButton name="backtests" columns={COLUMNS} rows={data?.items} />}
    >
      <Panel title={t("Trials")} flush>
        <DataTable
          label={t("Backtests")}
          columns={COLUMNS}
          source={{ rows: data?.items, error, retry: refetch }}
          keyOf={(row) => row.id}
          trouble={t("The backtests could not be read.")}
          empty={
            <EmptyState
              icon={<IconClipboardData size={22} />}
              text={t("No backtest yet. A research session runs them; so does a strategy's page.")}
              action={
                <Button renderRoot={(props) => <Link {...props} to="/research/new" />}>
                  {t("Start a research session")}
                </Button>
              }
            />
          }
        />
      </Panel>
    </Page>
  );
}
