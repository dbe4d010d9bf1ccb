/** A chart that can be read without a pointer: arrow keys walk from bar to bar, Shift pans, the legend speaks. */

import { Skeleton, useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { t } from "../lib/message";
import { usePreferences } from "../lib/preferences";
import styles from "./chart.module.css";
import type { Drawing } from "./chart-draw";
import {
  axisOf,
  type ChartMarker,
  type ChartRange,
  type ChartSeries,
  placeOf,
  type Reading,
  readAt,
} from "./chart-model";

export type ChartProps = {
  /** One sentence with the gist, for those who cannot see it: "BTC/USDT, 1 h, from … to …, last 69,152." */
  summary: string;
  series: readonly ChartSeries[];
  height: number;
  markers?: readonly ChartMarker[];
  /** What to show of the data; without it everything, until someone moves it. */
  range?: ChartRange | null;
  onRange?: (range: ChartRange) => void;
  logScale?: boolean;
  /** What the axis counts, where it is not time. */
  counted?: string | undefined;
};

const NO_MARKERS: readonly ChartMarker[] = [];

export function Chart(props: ChartProps) {
  const { summary, series, height, markers = NO_MARKERS, range, onRange, logScale = false, counted } = props;
  const [drawing, place, pointed, setPointed] = useDrawing(onRange, counted);
  /** The moment that the keys have walked to; a pointer that moves goes before it. */
  const [walked, setWalked] = useState<number | null>(null);
  const help = useId();
  const axis = axisOf(series);
  const reading = readAt(series, pointed ?? walked ?? axis.at(-1) ?? 0, counted);

  useEffect(() => {
    drawing?.show(series, markers);
    drawing?.setRange(range ?? null);
  }, [drawing, series, markers, range]);
  useEffect(() => drawing?.setLogScale(logScale), [drawing, logScale]);

  const pressed = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined && event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
    if (by !== undefined && event.shiftKey) {
      drawing?.pan(by * 0.25);
      return;
    }
    const last = axis.length - 1;
    const now = walked === null ? last + 1 : placeOf(axis, walked);
    const next = by === undefined ? (event.key === "Home" ? 0 : last) : Math.max(0, Math.min(now + by, last));
    const moment = axis[next];
    if (moment === undefined) return;
    setWalked(moment);
    setPointed(null);
    drawing?.point(moment, firstValue(series, next));
  };
  const left = () => {
    setWalked(null);
    drawing?.unpoint();
  };

  return (
    <div className={styles.chart}>
      <Legend reading={reading} />
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: the keys read the chart bar by bar */}
      <div
        ref={place}
        className={styles.place}
        style={{ height }}
        role="img"
        aria-label={summary}
        aria-describedby={help}
        tabIndex={0}
        onKeyDown={pressed}
        onBlur={left}
      />
      {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: see above */}
      {drawing ? null : <Skeleton className={styles.shape ?? ""} height={height - 24} />}
      <p id={help} className={styles.help}>
        {t("Left and right arrows read it bar by bar, with Shift they move the window. Table shows the same rows.")}
      </p>
      <p className={styles.help} role="status">
        {walked === null
          ? ""
          : `${reading.time} ${reading.items.map((item) => `${item.title} ${item.text}`).join(", ")}`}
      </p>
    </div>
  );
}

function Legend({ reading }: { reading: Reading }) {
  return (
    <div className={styles.legend} aria-hidden="true">
      <span className={styles.moment}>{reading.time}</span>
      {reading.items.map((item) => (
        <span key={item.id} className={styles.item} data-tone={item.tone}>
          {item.title ? <span className={styles.name}>{item.title}</span> : null}
          <span className={styles.value}>{item.text}</span>
        </span>
      ))}
    </div>
  );
}

/** The library's part, made anew when the colours change. */
function useDrawing(onRange: ChartProps["onRange"], counted: string | undefined) {
  const place = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const [read, setRead] = useState<number | null>(null);
  const told = useRef(onRange);
  const scheme = useComputedColorScheme("dark");
  const { gain, zone } = usePreferences();
  useLayoutEffect(() => {
    told.current = onRange;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: scheme, colours and zone are read when it is made
  useEffect(() => {
    let open = true;
    let made: Drawing | null = null;
    void import("./chart-draw").then((part) => {
      if (!open || !place.current) return;
      const listeners = { onRead: setRead, onRange: (range: ChartRange) => told.current?.(range) };
      made = new part.Drawing(place.current, listeners, counted);
      setDrawing(made);
    });
    return () => {
      open = false;
      made?.close();
      setDrawing(null);
    };
  }, [scheme, gain, zone, counted]);
  return [drawing, place, read, setRead] as const;
}

function firstValue(series: readonly ChartSeries[], index: number): number {
  const first = series[0];
  if (!first) return 0;
  return (first.kind === "candles" ? first.close[index] : first.values[index]) ?? 0;
}
