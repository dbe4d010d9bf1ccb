/** What each symbol of an account did: its positions, what it gained, its share of that, its fees, what it still holds. */

import type { SymbolAnswer } from "../api/generated/types.gen";
import type { Backtest } from "../lib/contract";
import { formatNumber, formatPercent } from "../lib/format";
import { t } from "../lib/message";
import { Gain } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";

const COLUMNS: readonly Column<SymbolAnswer>[] = [
  { id: "symbol", title: t("Symbol"), value: (row) => row.symbol, cell: (row) => row.symbol },
  {
    id: "closed_count",
    title: t("Positions"),
    align: "end",
    value: (row) => row.closed_count,
    cell: (row) => formatNumber(row.closed_count),
  },
  {
    id: "won_count",
    title: t("Won"),
    align: "end",
    value: (row) => row.won_count,
    cell: (row) => formatNumber(row.won_count),
  },
  { id: "gain", title: t("Gain"), align: "end", value: (row) => row.gain, cell: (row) => <Gain value={row.gain} /> },
  {
    id: "share",
    title: t("Share of it"),
    align: "end",
    value: (row) => row.share,
    cell: (row) => formatPercent(row.share),
  },
  {
    id: "fees",
    title: t("Fees"),
    align: "end",
    value: (row) => row.fees,
    cell: (row) => formatNumber(row.fees, { digits: 2 }),
  },
  {
    id: "held",
    title: t("Held at the end"),
    align: "end",
    value: (row) => row.open?.value ?? 0,
    cell: (row) => formatNumber(row.open?.value, { digits: 2 }),
  },
];

export function SymbolsPanel({ backtest }: { backtest: Backtest }) {
  const rows = backtest.symbols ?? [];
  return (
    <Panel
      title={t("Symbols")}
      flush
      beside={<span>{t("after fees, in the quote asset")}</span>}
      end={<CsvButton name={`backtest-${backtest.id}-symbols`} columns={COLUMNS} rows={rows} />}
    >
      <DataTable
        label={t("What each symbol did")}
        columns={COLUMNS}
        source={{ rows }}
        keyOf={(row) => row.symbol}
        trouble={t("The symbols could not be read.")}
        empty={<EmptyState text={t("Nothing was stored of the symbols.")} />}
      />
    </Panel>
  );
}
