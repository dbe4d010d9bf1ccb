/** A series from its first to its last bar, with its holes: seen at once, and said in words. */

import { useQuery } from "@tanstack/react-query";
import type { Gap, Series } from "../lib/contract";
import { formatNumber, formatPercent } from "../lib/format";
import { plural, t } from "../lib/message";
import { formatTime } from "../lib/time";
import type { ChartRange } from "../ui/chart-model";
import styles from "./data.module.css";
import { detailQuery } from "./data-queries";

type SeriesSpan = Pick<Series, "start" | "end">;

/** Bars there are, of the bars there would be without holes. */
export function coverageOf(series: Series): number | null {
  const whole = series.bars + series.missing;
  return whole > 0 ? series.bars / whole : null;
}

/** From the first bar of any series to the last of any, so that strips under each other can be compared. */
export function wholeSpan(rows: readonly SeriesSpan[]): ChartRange | null {
  const spans = rows.flatMap((row) => spanOf(row) ?? []);
  if (spans.length === 0) return null;
  return { from: Math.min(...spans.map((span) => span.from)), to: Math.max(...spans.map((span) => span.to)) };
}

export function CoverageStrip({ series, gaps }: { series: Series; gaps: readonly Gap[] | undefined }) {
  return (
    <div className={styles.coverage}>
      <Strip series={series} gaps={gaps ?? []} axis={spanOf(series)} />
      <div className={styles.ends}>
        <span>{formatTime(series.start, "day")}</span>
        <span>{describe(series)}</span>
        <span>{formatTime(series.end, "day")}</span>
      </div>
    </div>
  );
}

/** In a table: on one axis with the others. A series without holes needs no second question. */
export function RowStrip({ series, axis }: { series: Series; axis: ChartRange | null }) {
  const { data } = useQuery({ ...detailQuery(series.id), enabled: series.gaps > 0 });
  return (
    <div className={styles.rowStrip}>
      <Strip series={series} gaps={data?.gap_list ?? []} axis={axis} />
    </div>
  );
}

function Strip({ series, gaps, axis }: { series: Series; gaps: readonly Gap[]; axis: ChartRange | null }) {
  const own = spanOf(series);
  return (
    <div className={styles.strip} role="img" aria-label={spoken(series)}>
      {own && axis ? <span className={styles.bars} style={placeOf(own, axis)} /> : null}
      {axis
        ? gaps.map((gap) => (
            <span
              key={gap.start}
              className={styles.gap}
              title={t("{from} to {to}: {count} missing", {
                from: formatTime(gap.start),
                to: formatTime(gap.end),
                count: formatNumber(gap.missing),
              })}
              style={placeOf({ from: Date.parse(gap.start), to: Date.parse(gap.end) }, axis)}
            />
          ))
        : null}
    </div>
  );
}

/** The style sheet keeps marks two pixels wide: thinner ones would not be seen. */
function placeOf(part: ChartRange, axis: ChartRange) {
  const share = (ms: number) => `${((100 * ms) / (axis.to - axis.from || 1)).toFixed(3)}%`;
  return { left: `min(${share(part.from - axis.from)}, 100% - 2px)`, width: share(part.to - part.from) };
}

function spanOf({ start, end }: SeriesSpan): ChartRange | null {
  return start === null || end === null ? null : { from: Date.parse(start), to: Date.parse(end) };
}

function spoken(series: Series): string {
  return t("{symbol} from {from} to {to}. {coverage}", {
    symbol: series.symbol,
    from: formatTime(series.start, "day"),
    to: formatTime(series.end, "day"),
    coverage: describe(series),
  });
}

function describe(series: Series): string {
  if (series.gaps === 0) return t("Complete: no bar is missing");
  const gaps = plural(series.gaps, "{count} gap", "{count} gaps");
  const missing = plural(series.missing, "{count} bar missing", "{count} bars missing");
  return t("{share} covered: {gaps}, {missing}; outages stay gaps", {
    share: shareText(series),
    gaps,
    missing,
  });
}

/** One missing bar in a million is still not complete. */
export function shareText(series: Series): string {
  const share = coverageOf(series);
  return share !== null && share < 1 && share > 0.9999 ? t("over 99.99 %") : formatPercent(share, { digits: 2 });
}
