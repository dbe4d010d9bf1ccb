/** What a deployment has now: live where the stream has spoken, the stored row before. */

import type { DeploymentAnswer, HoldingAnswer } from "../api/generated/types.gen";
import { formatNumber, formatPrice } from "../lib/format";
import { useLiveSlow } from "../lib/live";
import type { LiveStore } from "../lib/live-store";
import { t } from "../lib/message";
import { formatTime, zoneLabel } from "../lib/time";
import { Money } from "../ui/amount";
import { type Stat, StatTiles } from "../ui/stat-tiles";
import type { DeploymentLive } from "./deployment-state";

export function StandingTiles({
  deployment,
  store,
}: {
  deployment: DeploymentAnswer;
  store: LiveStore<DeploymentLive>;
}) {
  const told = useLiveSlow(store, (live) => live.standing);
  const orders = useLiveSlow(store, (live) => live.orders.length);
  const fills = useLiveSlow(store, (live) => live.fills.length);
  const { currency } = deployment;
  const now = told ?? { ...deployment, ts: deployment.cursor_ts ?? "" };
  return (
    <StatTiles
      stats={[
        {
          label: t("Equity"),
          value: <Money value={now.equity} currency={currency} />,
          note: t("Began with {capital} {currency}", { capital: formatNumber(deployment.limits.capital), currency }),
        },
        { label: t("Cash"), value: <Money value={now.cash} currency={currency} />, note: t("Free to buy with") },
        position(deployment, now.holdings),
        {
          label: t("Orders"),
          value: formatNumber(Math.max(orders, deployment.orders)),
          note: t("{count} fills", { count: formatNumber(Math.max(fills, deployment.fills)) }),
        },
        {
          label: deployment.feed === "replay" ? t("Replay stands at") : t("Last bar"),
          value: now.ts ? formatTime(now.ts) : "–",
          note: zoneLabel(),
        },
      ]}
    />
  );
}

type Shown = Omit<HoldingAnswer, "symbol">;

function position({ others, symbol, currency }: DeploymentAnswer, holdings: readonly Shown[]): Stat {
  const [first] = holdings;
  if (others.length > 0 || !first) {
    const held = holdings.filter((each) => Number(each.position) > 0).length;
    return {
      label: t("Positions"),
      value: formatNumber(held),
      note: t("of {count} symbols", { count: holdings.length }),
    };
  }
  const price = t("At {price} {currency}", { price: formatPrice(first.price), currency });
  return {
    label: t("Position"),
    value: `${formatNumber(first.position)} ${symbol.split("/")[0] ?? ""}`,
    note: [price, ...protection(first)].join(" · "),
  };
}

function protection({ stop_price, target_price }: Shown): string[] {
  const stop = stop_price ? [t("stop {price}", { price: formatPrice(stop_price) })] : [];
  return target_price ? [...stop, t("target {price}", { price: formatPrice(target_price) })] : stop;
}
