/** Each closed position of a run, from entry to exit. */

import type { BacktestAnswer, ClosedAnswer } from "../api/generated/types.gen";
import { formatDuration, formatNumber, formatPrice } from "../lib/format";
import { plural, t } from "../lib/message";
import { formatUtc, zoneLabel } from "../lib/time";
import { Gain, Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import type { Column } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { VirtualTable } from "../ui/virtual-table";
import { isShared } from "./shared";

/** About fifteen rows. */
const HEIGHT = 640;

const COLUMNS: readonly Column<ClosedAnswer>[] = [
  {
    id: "opened",
    title: t("Opened"),
    value: (row) => formatUtc(row.opened),
    cell: (row) => <Time value={row.opened} />,
  },
  {
    id: "closed",
    title: t("Closed"),
    value: (row) => formatUtc(row.closed),
    cell: (row) => <Time value={row.closed} />,
  },
  {
    id: "held",
    title: t("Held"),
    align: "end",
    value: (row) => row.closed - row.opened,
    cell: (row) => formatDuration(row.closed - row.opened),
  },
  {
    id: "side",
    title: t("Side"),
    value: (row) => row.side,
    cell: (row) => (row.side === "long" ? t("long") : t("short")),
  },
  { id: "cause", title: t("Ended by"), value: (row) => row.cause, cell: (row) => causeText(row.cause) },
  {
    id: "quantity",
    title: t("Quantity"),
    align: "end",
    value: (row) => row.quantity,
    cell: (row) => formatNumber(row.quantity, { digits: 6 }),
  },
  { id: "entry", title: t("Entry"), align: "end", value: (row) => row.entry, cell: (row) => formatPrice(row.entry) },
  { id: "exit", title: t("Exit"), align: "end", value: (row) => row.exit, cell: (row) => formatPrice(row.exit) },
  {
    id: "fee",
    title: t("Fees"),
    align: "end",
    value: (row) => row.fee,
    cell: (row) => formatNumber(row.fee, { digits: 2 }),
  },
  {
    id: "pnl",
    title: t("P&L, net of fees"),
    align: "end",
    value: (row) => row.pnl,
    cell: (row) => <Gain value={row.pnl} />,
  },
];

function causeText(cause: ClosedAnswer["cause"]): string {
  const words = { decision: t("decision"), stop: t("stop"), target: t("target"), liquidation: t("liquidation") };
  return words[cause ?? "decision"];
}

const SYMBOL: Column<ClosedAnswer> = {
  id: "symbol",
  title: t("Symbol"),
  value: (row) => row.symbol,
  cell: (row) => row.symbol ?? "–",
};

export function PositionsPanel({ backtest }: { backtest: BacktestAnswer }) {
  const columns = isShared(backtest) ? [SYMBOL, ...COLUMNS] : COLUMNS;
  const rows = backtest.closed ?? [];
  const count = backtest.closed_count ?? rows.length;
  return (
    <Panel
      title={t("Closed positions")}
      flush
      beside={<span>{plural(count, "{count} position", "{count} positions")}</span>}
      end={
        <>
          {rows.length < count ? <span>{t("The newest {shown} are stored.", { shown: rows.length })}</span> : null}
          <span>{t("Times in {zone}", { zone: zoneLabel() })}</span>
          <CsvButton name={`backtest-${backtest.id}-positions`} columns={columns} rows={rows} />
        </>
      }
    >
      {rows.length === 0 ? (
        <EmptyState text={t("The strategy closed no position: its entry never came, or it still holds.")} />
      ) : (
        <VirtualTable
          label={t("Table of closed positions")}
          columns={columns}
          rows={rows}
          keyOf={(row) => `${row.symbol} ${row.opened} ${row.closed} ${row.side}`}
          height={HEIGHT}
        />
      )}
    </Panel>
  );
}
