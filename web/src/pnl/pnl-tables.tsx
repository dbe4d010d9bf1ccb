/** The same figures by strategy and by asset; the parts add up to the whole. */

import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { AssetFigures, StrategyFigures, SummaryAnswer } from "../api/generated/types.gen";
import { formatNumber, formatPrice } from "../lib/format";
import { t } from "../lib/message";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { EmptyState } from "../ui/states";
import { FigureButton } from "./figure-button";
import { markWords } from "./mark";
import styles from "./pnl.module.css";
import type { FigureName, Scope } from "./pnl-data";

type TableProps = { summary: SummaryAnswer | undefined; onAsk: (figure: FigureName, of: Scope) => void };
type Named = Pick<StrategyFigures, FigureName | "mark" | "unvalued">;

export function StrategyTable({ summary, onAsk }: TableProps) {
  const columns = useMemo(() => strategyColumns(onAsk), [onAsk]);
  return (
    <Panel
      title={t("By strategy")}
      flush
      end={<CsvButton name="pnl-by-strategy" columns={columns} rows={summary?.by_strategy} />}
    >
      <DataTable
        label={t("Profit and loss by strategy")}
        columns={columns}
        source={{ rows: summary?.by_strategy }}
        keyOf={(row) => row.strategy}
        trouble=""
        loadingRows={2}
        empty={<EmptyState text={t("No strategy has booked anything here.")} />}
      />
    </Panel>
  );
}

export function AssetTable({ summary, onAsk }: TableProps) {
  const columns = useMemo(() => assetColumns(onAsk), [onAsk]);
  return (
    <Panel
      title={t("By asset")}
      flush
      end={<CsvButton name="pnl-by-asset" columns={columns} rows={summary?.by_asset} />}
    >
      <DataTable
        label={t("Profit and loss by asset")}
        columns={columns}
        source={{ rows: summary?.by_asset }}
        keyOf={(row) => row.asset}
        trouble=""
        loadingRows={2}
        empty={<EmptyState text={t("No asset was traded here.")} />}
      />
    </Panel>
  );
}

function strategyColumns(onAsk: TableProps["onAsk"]): Column<StrategyFigures>[] {
  return [
    {
      id: "strategy",
      title: t("Strategy"),
      value: (row) => row.strategy,
      cell: (row) => (
        <Link className={styles.name} to="/pnl" search={{ strategy: row.strategy }} data-row="">
          {row.strategy || t("(none)")}
        </Link>
      ),
    },
    ...figures<StrategyFigures>(
      (figure, row) => onAsk(figure, { strategy: row.strategy }),
      (row) => row.strategy,
    ),
  ];
}

function assetColumns(onAsk: TableProps["onAsk"]): Column<AssetFigures>[] {
  return [
    {
      id: "asset",
      title: t("Asset"),
      value: (row) => row.asset,
      cell: (row) => (
        <Link className={styles.name} to="/pnl" search={{ asset: row.asset }} data-row="">
          {row.asset}
        </Link>
      ),
    },
    {
      id: "quantity",
      title: t("Held"),
      align: "end",
      value: (row) => row.quantity,
      cell: (row) => formatNumber(row.quantity),
    },
    {
      id: "price",
      title: t("Price used"),
      align: "end",
      value: (row) => row.mark?.price,
      cell: (row) => <span title={markWords(row)}>{formatPrice(row.mark?.price)}</span>,
    },
    ...figures<AssetFigures>(
      (figure, row) => onAsk(figure, { asset: row.asset }),
      (row) => row.asset,
    ),
  ];
}

function figures<Row extends Named>(
  ask: (figure: FigureName, row: Row) => void,
  name: (row: Row) => string,
): Column<Row>[] {
  const titles: Record<FigureName, string> = {
    realized: t("Realized, after fees"),
    unrealized: t("Unrealized"),
    fees: t("Fees"),
    net: t("Net"),
  };
  return (["realized", "unrealized", "fees", "net"] as const).map((figure) => ({
    id: figure,
    title: titles[figure],
    align: "end" as const,
    value: (row) => row[figure],
    cell: (row) => (
      <FigureButton
        label={t("{figure} of {name}", { figure: titles[figure], name: name(row) })}
        value={row[figure]}
        cost={figure === "fees"}
        onAsk={() => ask(figure, row)}
      />
    ),
  }));
}
