/** The candles that a run read, its entries and exits on them: only the window that is seen is loaded, finer as one zooms. */

import { Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Backtest, Bars, Series } from "../lib/contract";
import { plural, t } from "../lib/message";
import { seriesQuery } from "../lib/queries";
import { barsInstead } from "../ui/bars-instead";
import { barsQuery } from "../ui/bars-query";
import { nextWindow, RANGES, type RangeName, spanOf } from "../ui/candle-window";
import { chartOf, lengthOf, sealedNote, summaryOf } from "../ui/candles";
import type { ChartMarker, ChartRange } from "../ui/chart-model";
import { ChartPanel } from "../ui/chart-panel";
import { LinkButton } from "../ui/link-button";
import { Panel } from "../ui/panel";
import { Segments } from "../ui/segments";
import { EmptyState, ErrorState, LoadingRows } from "../ui/states";
import { MOST_ARROWS, markersOf, rangeFor } from "./markers";

const HEIGHT = 420;
/** Of the chart with its switches and its note: what stands below does not move when it comes. */
const WHOLE_PX = HEIGHT + 114;
const NO_ARROWS: readonly ChartMarker[] = [];
const OPTIONS = RANGES.map((name) => ({ value: name, label: name }));

export function PriceChart({ backtest }: { backtest: Backtest }) {
  const { data, error, refetch } = useQuery(seriesQuery);
  const series = data?.items.find((row) => row.id === backtest.series_id);
  const [chosen, setRange] = useState<RangeName | null>(null);
  if (series) {
    const range = chosen ?? firstRange(backtest, within(series, backtest));
    return (
      <Candles key={range} backtest={backtest} series={within(series, backtest)} range={range} onRange={setRange} />
    );
  }
  return (
    <Panel title={t("Entries and exits")} flush>
      <div style={{ minHeight: WHOLE_PX }}>
        {error ? <ErrorState error={error} what={t("The candles could not be loaded.")} retry={refetch} /> : null}
        {data ? (
          <EmptyState
            text={t("The candles of this run are no longer there. What it found stays.")}
            action={<LinkButton to="/data">{t("To the data")}</LinkButton>}
          />
        ) : error ? null : (
          <LoadingRows rows={8} />
        )}
      </div>
    </Panel>
  );
}

type CandlesProps = { backtest: Backtest; series: Series; range: RangeName; onRange: (name: RangeName) => void };
type View = { load: ChartRange | null; show: ChartRange | null };

function Candles({ backtest, series, range, onRange }: CandlesProps) {
  const [view, setView] = useState<View>(() => ({ load: spanOf(series, range) ?? wholeOf(series), show: null }));
  const [isMarked, setMarked] = useState(true);
  const [logScale, setLogScale] = useState(false);
  const { data: bars, error, refetch } = useQuery(barsQuery(series.id, view.load, { margin: view.show !== null }));
  const drawn = useMemo(() => (bars ? chartOf(bars) : []), [bars]);
  const arrows = useMemo(
    () => (bars ? markersOf(backtest.closed ?? [], backtest.open, bars.ts, lengthOf(bars.level)) : []),
    [bars, backtest],
  );
  const markers = isMarked && arrows.length <= MOST_ARROWS ? arrows : NO_ARROWS;
  const seen = (now: ChartRange) => {
    const load = bars && nextWindow(series, bars, now);
    if (load) setView({ load, show: now });
  };
  return (
    <ChartPanel
      title={t("Entries and exits")}
      name={`backtest-${backtest.id}-candles-${bars?.level ?? series.timeframe}-${range}`}
      summary={bars ? summaryOf(series, bars) : t("Loading")}
      series={drawn}
      markers={markers}
      height={HEIGHT}
      range={view.show}
      onRange={seen}
      logScale={logScale}
      instead={barsInstead(bars, error, refetch)}
      note={bars ? noteOf(backtest, bars, arrows.length) + sealedNote(bars) : t("Loading")}
      controls={
        <>
          <Segments label={t("Range")} value={range} options={OPTIONS} onChange={onRange} />
          <Switch
            size="sm"
            label={t("Entries and exits")}
            checked={isMarked}
            onChange={(event) => setMarked(event.currentTarget.checked)}
          />
          <Switch
            size="sm"
            label={t("Log scale")}
            checked={logScale}
            onChange={(event) => setLogScale(event.currentTarget.checked)}
          />
        </>
      }
    />
  );
}

/** All of it, unless so many positions would hide the candles. */
function firstRange({ closed }: Backtest, series: Series): RangeName {
  const ranges = RANGES.toReversed().map((name) => ({ name, from: spanOf(series, name)?.from ?? 0 }));
  return rangeFor(closed ?? [], ranges) ?? "All";
}

/** The series as far as the run read it. */
function within(series: Series, { span }: Backtest): Series {
  if (!span || series.start === null || series.end === null) return series;
  const start = Math.max(Date.parse(span.start), Date.parse(series.start));
  const end = Math.min(Date.parse(span.end), Date.parse(series.end));
  return { ...series, start: new Date(start).toISOString(), end: new Date(end).toISOString() };
}

function wholeOf({ start, end }: Series): ChartRange | null {
  return start === null || end === null ? null : { from: Date.parse(start), to: Date.parse(end) };
}

function noteOf({ closed, closed_count }: Backtest, bars: Bars, arrows: number): string {
  const candles = plural(bars.ts.length, "{count} candle of {level}", "{count} candles of {level}", {
    level: bars.level,
  });
  const finer = bars.level === bars.timeframe ? "" : t(", folded exactly; zoom in for finer ones");
  const marks =
    arrows > MOST_ARROWS
      ? t("{count} arrows would cover them: zoom in to see those", { count: arrows.toLocaleString("en-GB") })
      : plural(arrows, "{count} arrow", "{count} arrows");
  const stored = closed?.length ?? 0;
  const left = (closed_count ?? stored) - stored;
  const older =
    left > 0
      ? ` ${plural(left, "The oldest position is not stored.", "The oldest {count} positions are not stored.")}`
      : "";
  return `${candles}${finer}. ${marks}.${older}`;
}
