/** A chart of evidence as the drawing takes it: tones, panes, and what its axis counts. */

import type { Chart } from "../api/generated/types.gen";
import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import { type ChartSeries, type ChartTone, COUNT } from "../ui/chart-model";

const TONES: readonly ChartTone[] = ["accent", "second", "third"];
/** What a line is held against, as the server calls it: drawn like holding everywhere else. */
const BESIDE = new Set(["holding", "lower bound", "upper bound"]);
/** A line whose values are that much smaller or larger than the first one's would be flat beside it. */
const FAR = 5;

/** What one step of the axis is, where it is not time. */
export function countedBy(axis: Chart["axis"]): string | undefined {
  if (axis === "bars") return t("Bars from the event");
  return axis === "rank" ? t("Rank in training") : undefined;
}

export function seriesOf({ axis, at, lines }: Chart): ChartSeries[] {
  const ts = axis === "time" ? at : at.map((place) => place * COUNT);
  const first = lines[0]?.values ?? [];
  const format = (value: number) => formatNumber(value, { digits: 2 });
  const own = lines.map((line) => line.name).filter((name) => !BESIDE.has(name));
  return lines.map(({ name, values }, index) => ({
    id: `${index} ${name}`,
    title: name,
    kind: "line",
    ts,
    values,
    tone: TONES[own.indexOf(name) % TONES.length] ?? "quiet",
    dashed: BESIDE.has(name) || own.indexOf(name) >= TONES.length,
    pane: axis === "time" && isFar(first, values) ? 1 : 0,
    format,
  }));
}

function isFar(first: readonly (number | null)[], other: readonly (number | null)[]): boolean {
  const [own, held] = [size(other), size(first)];
  return own * FAR < held || held * FAR < own;
}

function size(values: readonly (number | null)[]): number {
  return Math.max(0, ...values.map((value) => Math.abs(value ?? 0)));
}
