/** The columns of the list of backtests; a box in each row chooses it for the comparison. */

import { Checkbox } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { shortHash } from "../lib/format";
import { t } from "../lib/message";
import { Age, GainPercent, Mono } from "../ui/amount";
import type { Column } from "../ui/data-table";
import { metricOf, metricText } from "../ui/metric";
import { StatePill } from "../ui/state-pill";
import { backtestState } from "./backtest-data";
import styles from "./backtests.module.css";
import { MOST_COMPARED } from "./comparison";
import type { ListRow } from "./list-filter";

export function listColumns(chosen: readonly string[], toggle: (id: string) => void): Column<ListRow>[] {
  const name: Column<ListRow> = {
    id: "name",
    title: t("Strategy"),
    value: (row) => row.name,
    cell: (row) => (
      <span className={styles.choice}>
        <Checkbox
          size="xs"
          aria-label={t("Compare {name}, {market}, {hash}", {
            name: row.name,
            market: row.market,
            hash: row.id.slice(-6),
          })}
          checked={chosen.includes(row.id)}
          disabled={row.state !== "done" || (chosen.length >= MOST_COMPARED && !chosen.includes(row.id))}
          onChange={() => toggle(row.id)}
        />
        <Link className={styles.name} to="/backtests/$backtest" params={{ backtest: row.id }} data-row="">
          {row.name}
        </Link>
      </span>
    ),
  };
  return [name, ...OTHERS];
}

/** Names short enough for all columns to stand beside each other. */
const GAINS = [
  ["total_return", t("Return")],
  ["hold_return", t("Holding")],
] as const;
const FIGURES = [
  ["sharpe", t("Sharpe")],
  ["max_drawdown", t("Drawdown")],
  ["closed_positions", t("Positions")],
] as const;

const OTHERS: readonly Column<ListRow>[] = [
  {
    id: "state",
    title: t("State"),
    value: (row) => row.state,
    cell: (row) => {
      const { text, tone } = backtestState(row.state);
      return (
        <StatePill tone={tone} pulse={row.state === "running"}>
          {text}
        </StatePill>
      );
    },
  },
  {
    id: "market",
    title: t("Market"),
    value: (row) => row.market,
    cell: (row) => <span className={styles.tight}>{row.market || "–"}</span>,
  },
  ...GAINS.map(
    ([name, title]): Column<ListRow> => ({
      id: name,
      title,
      align: "end",
      value: (row) => metricOf(row.metrics, name)?.value,
      cell: (row) => <GainPercent fraction={metricOf(row.metrics, name)?.value} />,
    }),
  ),
  ...FIGURES.map(
    ([name, title]): Column<ListRow> => ({
      id: name,
      title,
      align: "end",
      value: (row) => metricOf(row.metrics, name)?.value,
      cell: (row) => metricText(metricOf(row.metrics, name)),
    }),
  ),
  {
    id: "hash",
    title: t("Hash"),
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

export const fileColumns = listColumns([], () => undefined);
