/** Turns columns into the drawing library's points, and tokens into its colours. */

import { TickMarkType, type Time, type UTCTimestamp } from "lightweight-charts";
import { zoneName } from "../lib/preferences";
import { type ChartSeries, type ChartTone, isKnown, type Values } from "./chart-model";

export type Colors = Record<ChartTone | "text" | "line" | "grid" | "label", string>;

export function readColors(): Colors {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(`--omc-${name}`).trim();
  return {
    accent: read("accent"),
    quiet: read("dim"),
    gain: read("gain"),
    loss: read("loss"),
    volume: read("volume"),
    second: read("warn"),
    third: read("info"),
    text: read("dim"),
    line: read("line"),
    grid: read("grid"),
    label: read("line-strong"),
  };
}

export function tick(at: number, kind: TickMarkType): string {
  const parts: Intl.DateTimeFormatOptions =
    kind === TickMarkType.Year
      ? { year: "numeric" }
      : kind === TickMarkType.Month
        ? { month: "short" }
        : kind === TickMarkType.DayOfMonth
          ? { day: "numeric", month: "short" }
          : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const zone = zoneName();
  return new Intl.DateTimeFormat("en-GB", { ...parts, ...(zone ? { timeZone: zone } : {}) }).format(at);
}

export function points(shape: ChartSeries, colors: Colors) {
  if (shape.kind !== "candles") return valuePoints(shape, colors);
  return shape.ts.map((at, index) => {
    const [open, high, low, close] = [shape.open[index], shape.high[index], shape.low[index], shape.close[index]];
    const time = seconds(at);
    return isKnown(open) && isKnown(high) && isKnown(low) && isKnown(close)
      ? { time, open, high, low, close }
      : { time };
  });
}

function valuePoints(shape: Values, colors: Colors) {
  return shape.ts.map((at, index) => {
    const value = shape.values[index];
    const time = seconds(at);
    return isKnown(value) ? { time, value, color: colors[shape.tone] } : { time };
  });
}

export const seconds = (at: number): UTCTimestamp => Math.round(at / 1_000) as UTCTimestamp;
export const millis = (time: Time): number => (typeof time === "number" ? time * 1_000 : Date.parse(String(time)));

/** The moment at a place between and beyond the data's own, by the data's mean step. */
export function momentAt(ts: readonly number[], place: number): number {
  const last = ts.length - 1;
  const [begin, end] = [ts[0] ?? 0, ts[last] ?? 0];
  const step = last > 0 ? (end - begin) / last : 0;
  if (place < 0) return begin + place * step;
  if (place > last) return end + (place - last) * step;
  return ts[Math.round(place)] ?? end;
}
