/** A series from its first to its last bar, with its holes: seen at once, and said in words. */

import type { Gap, Series } from "../lib/contract";
import { formatNumber, formatPercent } from "../lib/format";
import { plural, t } from "../lib/message";
import { formatTime } from "../lib/time";
import styles from "./data.module.css";

/** Thinner marks would not be seen. */
const MIN_SHARE = 0.004;

/** Bars there are, of the bars there would be without holes. */
export function coverageOf(series: Series): number | null {
  const whole = series.bars + series.missing;
  return whole > 0 ? series.bars / whole : null;
}

export function CoverageStrip({ series, gaps }: { series: Series; gaps: readonly Gap[] | undefined }) {
  const from = Date.parse(series.start ?? "");
  const width = Date.parse(series.end ?? "") - from;
  return (
    <div className={styles.coverage}>
      <div className={styles.strip} role="img" aria-label={describe(series)}>
        {(gaps ?? []).map((gap) => (
          <span
            key={gap.start}
            className={styles.gap}
            title={t("{from} to {to}: {count} missing", {
              from: formatTime(gap.start),
              to: formatTime(gap.end),
              count: formatNumber(gap.missing),
            })}
            style={placeOf(gap, from, width)}
          />
        ))}
      </div>
      <div className={styles.ends}>
        <span>{formatTime(series.start, "day")}</span>
        <span>{describe(series)}</span>
        <span>{formatTime(series.end, "day")}</span>
      </div>
    </div>
  );
}

function placeOf(gap: Gap, from: number, width: number) {
  const share = Math.max((Date.parse(gap.end) - Date.parse(gap.start)) / width, MIN_SHARE);
  const left = Math.min((Date.parse(gap.start) - from) / width, 1 - share);
  return { left: `${left * 100}%`, width: `${share * 100}%` };
}

function describe(series: Series): string {
  if (series.gaps === 0) return t("Complete: no bar is missing");
  const gaps = plural(series.gaps, "{count} gap", "{count} gaps");
  const missing = plural(series.missing, "{count} bar missing", "{count} bars missing");
  return t("{share} covered: {gaps}, {missing}; outages stay gaps", {
    share: formatPercent(coverageOf(series), { digits: 2 }),
    gaps,
    missing,
  });
}
