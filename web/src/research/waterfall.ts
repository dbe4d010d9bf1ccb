/** The time axis of the steps' bars: it grows in jumps, so that rows keep their place between jumps. */

const SPANS_S = [10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400] as const;
const DAY_MS = 86_400_000;
/** A bar thinner than this cannot be seen. */
const MIN_WIDTH = 1.5;

/** The axis' length in milliseconds that holds `elapsed_ms`. */
export function axisSpan(elapsed_ms: number): number {
  for (const span of SPANS_S) if (elapsed_ms <= span * 1_000) return span * 1_000;
  return Math.ceil(elapsed_ms / DAY_MS) * DAY_MS;
}

/** Left edge and width of a bar, in per cent of the axis. */
export function bar(start_ms: number, duration_ms: number, span_ms: number): { left: number; width: number } {
  const left = Math.min(100 - MIN_WIDTH, Math.max(0, (start_ms / span_ms) * 100));
  const width = Math.min(100 - left, Math.max(MIN_WIDTH, (duration_ms / span_ms) * 100));
  return { left, width };
}
