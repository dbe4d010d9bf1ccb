/** The columns of what combinations found: training beside test, always both. */

import { formatNumber, formatPercent } from "../lib/format";
import { t } from "../lib/message";
import { GainPercent } from "../ui/amount";
import type { Column } from "../ui/data-table";
import type { Sweep, SweepRow } from "./sweep-data";
import styles from "./sweeps.module.css";

export function rowColumns(sweep: Sweep): Column<SweepRow>[] {
  const parameters = Object.keys(sweep.values).map(
    (name): Column<SweepRow> => ({
      id: `parameter ${name}`,
      title: name,
      align: "end",
      value: (row) => row.parameters[name],
      cell: (row) => <span className={styles.values}>{row.parameters[name]}</span>,
    }),
  );
  return [...parameters, ...FIGURES, ...(sweep.refused > 0 ? [REFUSED] : [])];
}

const SIDES = [
  ["train", t("Training")],
  ["test", t("Test")],
] as const;

const FIGURES: readonly Column<SweepRow>[] = [
  ...SIDES.map(
    ([side, name]): Column<SweepRow> => ({
      id: `${side} sharpe`,
      title: t("{part}: Sharpe", { part: name }),
      align: "end",
      value: (row) => row[side]?.sharpe,
      cell: (row) => formatNumber(row[side]?.sharpe, { digits: 2, signed: true }),
    }),
  ),
  ...SIDES.map(
    ([side, name]): Column<SweepRow> => ({
      id: `${side} return`,
      title: t("{part}: return", { part: name }),
      align: "end",
      value: (row) => row[side]?.total_return,
      cell: (row) => <GainPercent fraction={row[side]?.total_return} />,
    }),
  ),
  {
    id: "drawdown",
    title: t("Test: deepest fall"),
    align: "end",
    value: (row) => row.test?.max_drawdown,
    cell: (row) => formatPercent(row.test?.max_drawdown),
  },
  {
    id: "positions",
    title: t("Test: positions"),
    align: "end",
    value: (row) => row.test?.closed_positions,
    cell: (row) => formatNumber(row.test?.closed_positions),
  },
];

const REFUSED: Column<SweepRow> = {
  id: "refused",
  title: t("Why refused"),
  isSentence: true,
  value: (row) => row.refused,
  cell: (row) => <span className={styles.refused}>{row.refused}</span>,
};
