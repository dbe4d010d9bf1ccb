/** The windows of the walk-forward: what was fitted where, train beside test. */

import type { WindowAnswer } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { formatUtc } from "../lib/time";
import { GainPercent, Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";

const COLUMNS: readonly Column<WindowAnswer>[] = [
  {
    id: "from",
    title: t("Test from"),
    value: (row) => formatUtc(row.test_start),
    cell: (row) => <Time value={row.test_start} part="day" />,
  },
  {
    id: "to",
    title: t("To"),
    value: (row) => formatUtc(row.test_end),
    cell: (row) => <Time value={row.test_end} part="day" />,
  },
  {
    id: "parameters",
    title: t("Fitted parameters"),
    value: (row) => parametersText(row),
    cell: (row) => parametersText(row),
  },
  {
    id: "train_sharpe",
    title: t("Train Sharpe"),
    align: "end",
    value: (row) => row.train_sharpe,
    cell: (row) => formatNumber(row.train_sharpe, { digits: 2, signed: true }),
  },
  {
    id: "test_sharpe",
    title: t("Test Sharpe"),
    align: "end",
    value: (row) => row.test_sharpe,
    cell: (row) => formatNumber(row.test_sharpe, { digits: 2, signed: true }),
  },
  {
    id: "train_return",
    title: t("Train return"),
    align: "end",
    value: (row) => row.train_return,
    cell: (row) => <GainPercent fraction={row.train_return} />,
  },
  {
    id: "test_return",
    title: t("Test return"),
    align: "end",
    value: (row) => row.test_return,
    cell: (row) => <GainPercent fraction={row.test_return} />,
  },
];

export function WindowsPanel({ windows, name }: { windows: readonly WindowAnswer[]; name: string }) {
  return (
    <Panel
      title={t("Walk-forward, window by window")}
      flush
      end={<CsvButton name={`windows-${name}`} columns={COLUMNS} rows={windows} />}
    >
      <DataTable
        label={t("Table of windows")}
        columns={COLUMNS}
        source={{ rows: windows }}
        keyOf={(row) => String(row.test_start)}
        trouble=""
        empty={null}
      />
    </Panel>
  );
}

function parametersText({ parameters }: WindowAnswer): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${formatNumber(value, { digits: value % 1 === 0 ? 0 : 4 })}`)
    .join(", ");
}
