/** Equity against holding, and under it how deep the strategy stood below its last high. */

import { useMemo } from "react";
import type { BacktestAnswer } from "../api/generated/types.gen";
import { formatNumber, formatPercent } from "../lib/format";
import { plural, t } from "../lib/message";
import { formatTime } from "../lib/time";
import type { ChartSeries } from "../ui/chart-model";
import { ChartPanel } from "../ui/chart-panel";
import { EmptyState } from "../ui/states";
import { isShared } from "./shared";

export function BacktestChart({ backtest }: { backtest: BacktestAnswer }) {
  const { equity } = backtest;
  const holding = isShared(backtest) ? t("Holding all evenly") : t("Holding");
  const series = useMemo(() => (equity ? curves(equity, holding) : []), [equity, holding]);
  return (
    <ChartPanel
      title={t("Equity and drawdown")}
      summary={summary(backtest)}
      name={`backtest-${backtest.id}-equity`}
      height={440}
      series={series}
      note={equity ? plural(equity.ts.length, "{count} point, at bar closes", "{count} points, at bar closes") : null}
      {...(equity ? {} : { instead: <EmptyState text={t("No curve was stored.")} /> })}
    />
  );
}

function curves(curve: NonNullable<BacktestAnswer["equity"]>, holding: string): ChartSeries[] {
  const { ts, equity, hold, drawdown } = curve;
  const money = (value: number) => formatNumber(value, { digits: 2 });
  const share = (value: number) => formatPercent(value, { digits: 2 });
  return [
    { id: "equity", title: t("Equity"), kind: "area", ts, values: equity, tone: "accent", format: money },
    { id: "hold", title: holding, kind: "line", ts, values: hold, tone: "quiet", dashed: true, format: money },
    { id: "drawdown", title: t("Drawdown"), kind: "area", ts, values: drawdown, tone: "loss", pane: 1, format: share },
  ];
}

function summary({ name, equity }: BacktestAnswer): string {
  const first = equity?.ts[0];
  const last = equity?.ts.at(-1);
  if (!equity || first === undefined || last === undefined) return t("No curve was stored.");
  return t("{name}: from {start} to {end} equity went from {from} to {to}; holding ended at {hold}.", {
    name,
    start: formatTime(first, "day"),
    end: formatTime(last, "day"),
    from: formatNumber(equity.equity[0], { digits: 2 }),
    to: formatNumber(equity.equity.at(-1), { digits: 2 }),
    hold: formatNumber(equity.hold.at(-1), { digits: 2 }),
  });
}
