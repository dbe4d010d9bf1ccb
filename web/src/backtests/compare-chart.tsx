/** The equity of several runs on one axis, each from 1. */

import { useMemo } from "react";
import type { Backtest } from "../lib/contract";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import type { ChartSeries, ChartTone } from "../ui/chart-model";
import { ChartPanel } from "../ui/chart-panel";
import { EmptyState } from "../ui/states";
import { letterOf, normalised } from "./comparison";

/** Each differs in colour and, two by two, in its stroke; the legend has the letters. */
const STROKES: readonly { tone: ChartTone; dashed: boolean }[] = [
  { tone: "accent", dashed: false },
  { tone: "second", dashed: false },
  { tone: "third", dashed: true },
  { tone: "quiet", dashed: true },
];

export function CompareChart({ runs }: { runs: readonly Backtest[] }) {
  const series = useMemo(() => curvesOf(runs), [runs]);
  return (
    <ChartPanel
      title={t("Equity from 1")}
      name={`backtests-${runs.map((run) => run.id.slice(0, 8)).join("-")}-equity`}
      summary={summaryOf(series)}
      series={series}
      height={380}
      note={t("Each from 1 at its own beginning; between the points of its stored curve the last one holds.")}
      {...(series.length > 0 ? {} : { instead: <EmptyState text={t("None of them has a stored curve.")} /> })}
    />
  );
}

function curvesOf(runs: readonly Backtest[]): ChartSeries[] {
  const known = runs.flatMap((run, index) => (run.equity ? [{ run, index, equity: run.equity }] : []));
  const { ts, values } = normalised(known.map(({ equity }) => ({ ts: equity.ts, values: equity.equity })));
  return known.map(({ run, index }, place) => ({
    id: run.id,
    title: `${letterOf(index)} ${run.name}`,
    kind: "line",
    ts,
    values: values[place] ?? [],
    format: (value) => formatNumber(value, { digits: 3 }),
    ...(STROKES[index] ?? { tone: "quiet", dashed: true }),
  }));
}

function summaryOf(series: readonly ChartSeries[]): string {
  const ends = series.flatMap((one) =>
    one.kind === "candles"
      ? []
      : [
          `${one.title} ${formatNumber(
            one.values.findLast((value) => value !== null),
            { digits: 3 },
          )}`,
        ],
  );
  return t("Equity, each from 1, ended at: {ends}.", { ends: ends.join("; ") });
}
