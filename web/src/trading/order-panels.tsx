/** A deployment's orders and fills, newest first, as they happen. */

import type { ReactNode } from "react";
import type { DeploymentAnswer } from "../api/generated/types.gen";
import { formatNumber, formatPrice } from "../lib/format";
import { useLive, useLivePhase } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { formatUtc, zoneLabel } from "../lib/time";
import { Time } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import { StatePill } from "../ui/state-pill";
import { EmptyState } from "../ui/states";
import type { DeploymentLive, FillRow, OrderRow } from "./deployment-state";
import { orderKind, orderState } from "./trading-data";

/** Rows by their place: a new one at the top changes what stands in each, and moves nothing. */
const place = (_row: unknown, at: number) => String(at);

const SYMBOL: Column<{ symbol: string }> = {
  id: "symbol",
  title: t("Symbol"),
  value: (row) => row.symbol,
  cell: (row) => row.symbol,
};

/** Where several symbols share the account, each row says which it is of. */
function named<Row extends { symbol: string }>(
  { others }: DeploymentAnswer,
  columns: readonly Column<Row>[],
): readonly Column<Row>[] {
  const [first, ...rest] = columns;
  return first && others.length > 0 ? [first, SYMBOL as Column<Row>, ...rest] : columns;
}

type ActivityProps = { deployment: DeploymentAnswer; store: LiveStore<DeploymentLive>; beside: ReactNode };

const ORDERS: readonly Column<OrderRow>[] = [
  { id: "ts", title: t("Time"), value: (row) => formatUtc(row.ts), cell: (row) => <Time value={row.ts} /> },
  { id: "side", title: t("Side"), value: (row) => row.side, cell: (row) => sideText(row.side) },
  { id: "kind", title: t("Type"), value: (row) => row.kind, cell: (row) => orderKind(row) },
  {
    id: "price",
    title: t("At"),
    align: "end",
    value: (row) => row.price,
    cell: (row) => (row.price ? formatPrice(row.price) : ""),
  },
  {
    id: "wanted",
    title: t("Asked for"),
    align: "end",
    value: (row) => row.quantity || row.budget,
    cell: (row) =>
      row.quantity
        ? formatNumber(row.quantity)
        : t("for {budget}", { budget: formatNumber(row.budget, { digits: 2 }) }),
  },
  {
    id: "filled",
    title: t("Filled"),
    align: "end",
    value: (row) => row.filled,
    cell: (row) => formatNumber(row.filled),
  },
  {
    id: "status",
    title: t("State"),
    value: (row) => row.status,
    cell: (row) => {
      const { text, tone } = orderState(row.status);
      return <StatePill tone={tone}>{text}</StatePill>;
    },
  },
  { id: "reason", title: t("Reason"), value: (row) => row.reason, cell: (row) => row.reason },
];

const FILLS: readonly Column<FillRow>[] = [
  { id: "ts", title: t("Time"), value: (row) => formatUtc(row.ts), cell: (row) => <Time value={row.ts} /> },
  { id: "side", title: t("Side"), value: (row) => row.side, cell: (row) => sideText(row.side) },
  {
    id: "quantity",
    title: t("Quantity"),
    align: "end",
    value: (row) => row.quantity,
    cell: (row) => formatNumber(row.quantity),
  },
  { id: "price", title: t("Price"), align: "end", value: (row) => row.price, cell: (row) => formatNumber(row.price) },
  {
    id: "fee",
    title: t("Fee"),
    align: "end",
    value: (row) => row.fee,
    cell: (row) => `${formatNumber(row.fee)} ${row.fee_asset}`,
  },
];

export function OrdersPanel({ deployment, store, beside }: ActivityProps) {
  const orders = useLive(store, (live) => live.orders);
  const columns = named(deployment, ORDERS);
  const phase = useLivePhase(store);
  return (
    <Panel
      title={t("Orders")}
      flush
      beside={beside}
      end={
        <>
          <span>{t("Times in {zone}", { zone: zoneLabel() })}</span>
          <CsvButton name={`deployment-${deployment.id}-orders`} columns={columns} rows={orders} />
        </>
      }
    >
      <DataTable
        label={t("Orders of this deployment")}
        columns={columns}
        source={{ rows: phase === "loading" ? undefined : orders }}
        keyOf={place}
        trouble=""
        empty={<EmptyState text={t("No order yet. The first goes out when the strategy's entry comes.")} />}
      />
    </Panel>
  );
}

export function FillsPanel({ deployment, store, beside }: ActivityProps) {
  const fills = useLive(store, (live) => live.fills);
  const columns = named(deployment, FILLS);
  const phase = useLivePhase(store);
  return (
    <Panel
      title={t("Fills")}
      flush
      beside={beside}
      end={
        <>
          <span>{t("Times in {zone}", { zone: zoneLabel() })}</span>
          <CsvButton name={`deployment-${deployment.id}-fills`} columns={columns} rows={fills} />
        </>
      }
    >
      <DataTable
        label={t("Fills of this deployment")}
        columns={columns}
        source={{ rows: phase === "loading" ? undefined : fills }}
        keyOf={place}
        trouble=""
        empty={<EmptyState text={t("Nothing was filled yet.")} />}
      />
    </Panel>
  );
}

function sideText(side: string): string {
  return side === "sell" ? t("Sell") : t("Buy");
}
