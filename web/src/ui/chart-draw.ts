/** Draws columns with lightweight-charts; the one file that knows the library, loaded when a chart is first shown. */

import {
  AreaSeries,
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  HistogramSeries,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  LineSeries,
  LineStyle,
  type SeriesMarker,
  type SeriesType,
  type TickMarkType,
  type Time,
} from "lightweight-charts";
import { formatPrice } from "../lib/format";
import { type ChartMarker, type ChartRange, type ChartSeries, placeWords } from "./chart-model";
import { type Colors, millis, momentAt, points, readColors, seconds, tick } from "./chart-points";

type Listeners = {
  /** The moment under the pointer, or null. */
  onRead: (at: number | null) => void;
  /** The visible range, after it came to rest; beyond the data where someone moved it there. */
  onRange: (range: ChartRange) => void;
};

/** Price, value and drawdown panes: heights in proportion. */
const STRETCH = [5, 2.2, 1.5] as const;
const REST_MS = 220;
/** Beside a counted axis, in shares of it: the first place's number keeps its sign. */
const MARGIN = 0.05;

export class Drawing {
  readonly #chart: IChartApi;
  readonly #colors: Colors;
  readonly #listeners: Listeners;
  readonly #margin: number;
  #series: { api: ISeriesApi<SeriesType>; shape: ChartSeries }[] = [];
  #rest: ReturnType<typeof setTimeout> | undefined;
  #quiet = false;
  #fitted: number | undefined;
  /** Whether all that was there before the newest data could be seen. */
  #whole = true;
  #markers: ISeriesMarkersPluginApi<Time> | null = null;

  constructor(element: HTMLElement, listeners: Listeners, counted?: string) {
    this.#colors = readColors();
    this.#listeners = listeners;
    this.#margin = counted === undefined ? 0 : MARGIN;
    this.#chart = createChart(element, options(this.#colors, counted));
    this.#chart.subscribeCrosshairMove((move) => {
      if (!this.#quiet) listeners.onRead(move.time === undefined ? null : millis(move.time));
    });
    this.#chart.timeScale().subscribeVisibleTimeRangeChange((range) => {
      clearTimeout(this.#rest);
      if (range) this.#rest = setTimeout(() => this.#tellRange(), REST_MS);
    });
  }

  show(series: readonly ChartSeries[], markers: readonly ChartMarker[]): void {
    this.#whole = this.#showsAll();
    if (!this.#fits(series)) this.#rebuild(series);
    for (const [index, shape] of series.entries()) {
      const row = this.#series[index];
      if (!row) continue;
      row.shape = shape;
      row.api.setData(points(shape, this.#colors));
    }
    this.#mark(markers);
  }

  setRange(range: ChartRange | null): void {
    if (range) this.#chart.timeScale().setVisibleRange({ from: seconds(range.from), to: seconds(range.to) });
    else this.#fit();
  }

  /** Put the crosshair on a moment, as the arrow keys do. */
  point(at: number, value: number): void {
    const first = this.#series[0];
    if (!first) return;
    this.#quiet = true;
    this.#chart.setCrosshairPosition(value, seconds(at), first.api);
    this.#quiet = false;
  }

  unpoint(): void {
    this.#chart.clearCrosshairPosition();
  }

  /** Move the window by a share of its width. */
  pan(share: number): void {
    const scale = this.#chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    if (!range) return;
    const by = (range.to - range.from) * share;
    scale.setVisibleLogicalRange({ from: range.from + by, to: range.to + by });
  }

  setLogScale(on: boolean): void {
    this.#chart.priceScale("right", 0).applyOptions({ mode: on ? 1 : 0 });
  }

  close(): void {
    clearTimeout(this.#rest);
    this.#chart.remove();
  }

  /** Data that only grows at its end leaves the window where someone put it; who saw all of it sees all of it. */
  #fit(): void {
    const begin = this.#series[0]?.shape.ts[0];
    if (begin === this.#fitted && !this.#whole) return;
    this.#fitted = begin;
    const last = (this.#series[0]?.shape.ts.length ?? 0) - 1;
    const beside = this.#margin * last;
    if (beside > 0) this.#chart.timeScale().setVisibleLogicalRange({ from: -beside, to: last + beside });
    else this.#chart.timeScale().fitContent();
  }

  #showsAll(): boolean {
    const logical = this.#chart.timeScale().getVisibleLogicalRange();
    const last = (this.#series[0]?.shape.ts.length ?? 0) - 1;
    return !logical || (logical.from < 1 && logical.to > last - 1);
  }

  #tellRange(): void {
    const logical = this.#chart.timeScale().getVisibleLogicalRange();
    const ts = this.#series[0]?.shape.ts ?? [];
    if (!logical || ts.length < 2) return;
    this.#listeners.onRange({ from: momentAt(ts, logical.from), to: momentAt(ts, logical.to) });
  }

  #fits(series: readonly ChartSeries[]): boolean {
    const before = this.#series.map((row) => `${row.shape.id} ${row.shape.kind}`).join();
    return before === series.map((row) => `${row.id} ${row.kind}`).join();
  }

  #rebuild(series: readonly ChartSeries[]): void {
    for (const row of this.#series) this.#chart.removeSeries(row.api);
    this.#markers = null;
    this.#series = series.map((shape) => ({ api: this.#add(shape), shape }));
    for (const [index, pane] of this.#chart.panes().entries()) pane.setStretchFactor(STRETCH[index] ?? 1);
  }

  #add(shape: ChartSeries): ISeriesApi<SeriesType> {
    const colors = this.#colors;
    const pane = shape.pane ?? 0;
    if (shape.kind === "candles") {
      const priceFormat = { type: "custom" as const, formatter: shape.format ?? formatPrice, minMove: 1e-8 };
      const body = {
        upColor: colors.gain,
        downColor: colors.loss,
        wickUpColor: colors.gain,
        wickDownColor: colors.loss,
      };
      return this.#chart.addSeries(CandlestickSeries, { ...body, borderVisible: false, priceFormat }, pane);
    }
    const priceFormat = { type: "custom" as const, formatter: shape.format ?? formatPrice, minMove: 1e-8 };
    const color = colors[shape.tone];
    if (shape.kind === "histogram") {
      const own = shape.tone === "volume" ? { priceScaleId: "", lastValueVisible: false } : {};
      const api = this.#chart.addSeries(HistogramSeries, { color, priceFormat, priceLineVisible: false, ...own }, pane);
      if (shape.tone === "volume") api.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
      return api;
    }
    const lineStyle = shape.dashed ? LineStyle.Dashed : LineStyle.Solid;
    const line = { lineWidth: shape.dashed ? 1 : 2, lineStyle, priceFormat, priceLineVisible: false } as const;
    if (shape.kind === "line") return this.#chart.addSeries(LineSeries, { ...line, color }, pane);
    const fill = { topColor: `${color}33`, bottomColor: `${color}08` };
    return this.#chart.addSeries(AreaSeries, { ...line, ...fill, lineColor: color }, pane);
  }

  #mark(markers: readonly ChartMarker[]): void {
    const first = this.#series[0];
    if (!first) return;
    const marks = markers.map((marker) => marking(marker, this.#colors));
    if (this.#markers) this.#markers.setMarkers(marks);
    else if (marks.length > 0) this.#markers = createSeriesMarkers(first.api, marks);
  }
}

function marking(marker: ChartMarker, colors: Colors): SeriesMarker<Time> {
  const buy = marker.side === "buy";
  return {
    time: seconds(marker.ts),
    position: buy ? "belowBar" : "aboveBar",
    shape: buy ? "arrowUp" : "arrowDown",
    color: buy ? colors.accent : colors.loss,
    text: marker.text,
  };
}

function options(colors: Colors, counted: string | undefined) {
  const crosshair = {
    color: colors.text,
    labelBackgroundColor: colors.label,
    width: 1,
    style: LineStyle.Dashed,
  } as const;
  return {
    autoSize: true,
    layout: {
      background: { color: "transparent" },
      textColor: colors.text,
      fontFamily: '"Inter", "Inter Fallback", sans-serif',
      fontSize: 11,
      attributionLogo: false,
      panes: { separatorColor: colors.line, separatorHoverColor: colors.line },
    },
    grid: { vertLines: { color: colors.grid }, horzLines: { color: colors.grid } },
    crosshair: { vertLine: crosshair, horzLine: crosshair },
    rightPriceScale: { borderColor: colors.line, minimumWidth: 64 },
    timeScale: {
      borderColor: colors.line,
      timeVisible: true,
      enableConflation: true,
      // All of thousands of points, on a phone too.
      minBarSpacing: 0.05,
      // Room for half of the last label, which would be cut off.
      rightOffsetPixels: 20,
      tickMarkFormatter: (time: Time, kind: TickMarkType) =>
        counted === undefined ? tick(millis(time), kind) : placeWords(millis(time), counted),
    },
    localization: { timeFormatter: (time: Time) => placeWords(millis(time), counted) },
    handleScroll: { vertTouchDrag: false },
  };
}
