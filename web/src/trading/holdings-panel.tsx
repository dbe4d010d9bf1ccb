/** What a deployment holds of each of its symbols, where several share the account. */

import type { DeploymentAnswer, HoldingAnswer } from "../api/generated/types.gen";
import { formatNumber, formatPrice } from "../lib/format";
import { useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { Money } from "../ui/amount";
import { CsvButton } from "../ui/csv-button";
import { type Column, DataTable } from "../ui/data-table";
import { Panel } from "../ui/panel";
import type { DeploymentLive } from "./deployment-state";
import { baseOf } from "./trading-data";

type Line = HoldingAnswer & { currency: string };

const COLUMNS: readonly Column<Line>[] = [
  { id: "symbol", title: t("Symbol"), value: (row) => row.symbol, cell: (row) => row.symbol },
  {
    id: "position",
    title: t("Position"),
    align: "end",
    value: (row) => row.position,
    cell: (row) => `${formatNumber(row.position)} ${baseOf(row.symbol)}`,
  },
  price("price", t("Price"), (row) => row.price),
  {
    id: "worth",
    title: t("Worth"),
    align: "end",
    value: worth,
    cell: (row) => <Money value={worth(row)} currency={row.currency} />,
  },
  price("stop", t("Stop"), (row) => row.stop_price),
  price("target", t("Target"), (row) => row.target_price),
];

export function HoldingsPanel({
  deployment,
  store,
}: {
  deployment: DeploymentAnswer;
  store: LiveStore<DeploymentLive>;
}) {
  const told = useLiveSlow(store, (live) => live.standing);
  if (deployment.others.length === 0) return null;
  const rows = (told?.holdings ?? deployment.holdings).map((each) => ({ ...each, currency: deployment.currency }));
  return (
    <Panel
      title={t("Positions")}
      flush
      end={<CsvButton name={`deployment-${deployment.id}-positions`} columns={COLUMNS} rows={rows} />}
    >
      <DataTable
        label={t("Positions of this deployment")}
        columns={COLUMNS}
        source={{ rows }}
        keyOf={(row) => row.symbol}
        trouble=""
        empty={null}
      />
    </Panel>
  );
}

function price(id: string, title: string, of: (row: Line) => string | null): Column<Line> {
  return {
    id,
    title,
    align: "end",
    value: (row) => of(row) ?? "",
    cell: (row) => (of(row) ? formatPrice(of(row)) : ""),
  };
}

/** Shown, never added up: floats are enough. */
function worth({ position, price: last }: Line): number {
  return Number(position) * Number(last ?? 0);
}
