/** The report's curve: the strategy's equity against holding, from the backtest's evidence. */

import { useMemo } from "react";
import type { EquityBlock } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { formatTime } from "../lib/time";
import type { ChartSeries } from "../ui/chart-model";
import { ChartPanel } from "../ui/chart-panel";

type ReportChartProps = { session: string; block: EquityBlock };

export function ReportChart({ session, block }: ReportChartProps) {
  const series = useMemo(() => curves(block), [block]);
  return (
    <ChartPanel
      title={t("Equity against holding, evidence {number}", { number: block.evidence })}
      summary={summary(block)}
      name={`session-${session}-equity-${block.evidence}`}
      height={320}
      series={series}
    />
  );
}

function curves({ ts, equity, hold }: ReportChartProps["block"]): ChartSeries[] {
  const format = (value: number) => formatNumber(value, { digits: 2 });
  return [
    { id: "equity", title: t("Strategy"), kind: "area", ts, values: equity, tone: "accent", format },
    { id: "hold", title: t("Holding"), kind: "line", ts, values: hold, tone: "quiet", dashed: true, format },
  ];
}

/** What an eye sees at once, for the ear. */
function summary(block: ReportChartProps["block"]): string {
  const first = block.ts[0];
  const last = block.ts.at(-1);
  if (first === undefined || last === undefined) return t("No curve was stored.");
  return t("From {start} to {end} the strategy's equity went from {from} to {to}; holding ended at {hold}.", {
    start: formatTime(first, "day"),
    end: formatTime(last, "day"),
    from: formatNumber(block.equity[0], { digits: 2 }),
    to: formatNumber(block.equity.at(-1), { digits: 2 }),
    hold: formatNumber(block.hold.at(-1), { digits: 2 }),
  });
}
