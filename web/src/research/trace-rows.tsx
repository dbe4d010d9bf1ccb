/** The bars of a trace under one axis; Ctrl and the wheel come closer where the pointer is. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { formatDuration } from "../lib/format";
import { t } from "../lib/message";
import { barAt, type Cut, type Range, type TraceRow, ticks } from "./trace";
import styles from "./trace.module.css";
import { costWords, stateWords } from "./trace-columns";
import type { Zoom } from "./trace-panel";

const ROW_PX = 32;
const OVERSCAN = 8;
const WHEEL_STEP = 1.25;
/** A label nearer to the end than this would stand outside. */
const LABEL_PART = 0.1;

type TraceRowsProps = Zoom & { rows: readonly TraceRow[]; cuts: readonly Cut[]; onStep: (step: string) => void };

export function TraceRows({ rows, cuts, range, zoom, onStep }: TraceRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  useWheel(scroller, zoom);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
  });
  return (
    <div className={styles.frame}>
      <Axis range={range} cuts={cuts} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section ref={scroller} className={styles.rows} tabIndex={0} aria-label={t("Timeline of steps")}>
        <ol className={styles.list} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <li
                key={row.key}
                className={styles.item}
                aria-posinset={item.index + 1}
                aria-setsize={rows.length}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Bar row={row} range={range} onStep={onStep} />
              </li>
            );
          })}
        </ol>
      </section>
    </div>
  );
}

type BarProps = { row: TraceRow; range: Range; onStep: (step: string) => void };

function Bar({ row, range, onStep }: BarProps) {
  const { left, width } = barAt(row, range);
  const state = stateWords(row);
  return (
    <button
      type="button"
      className={styles.row}
      data-kind={row.kind}
      data-stale={row.step.stale || undefined}
      title={t("Open step {step}", { step: row.step.number })}
      onClick={() => onStep(String(row.step.number))}
    >
      <span className={styles.name} style={{ paddingLeft: row.depth * 16 }}>
        {row.name}
      </span>
      <span className={styles.track} aria-hidden="true">
        <span
          className={styles.bar}
          data-kind={row.kind}
          data-state={state}
          style={{ left: `${left}%`, width: `${width}%` }}
        />
      </span>
      <span className={styles.number}>{formatDuration(row.to - row.from)}</span>
      <span className={`${styles.number} ${styles.cost}`}>{costWords(row)}</span>
      <span className={styles.hidden}>{state}</span>
    </button>
  );
}

/** Time since the first step, without the waits; where one was left out stands a gap that says how long. */
function Axis({ range, cuts }: { range: Range; cuts: readonly Cut[] }) {
  const at = (ms: number) => `${((ms - range.from) / (range.to - range.from)) * 100}%`;
  const seen = cuts.filter((cut) => cut.at >= range.from && cut.at <= range.to);
  return (
    <div className={styles.axis}>
      <span className={styles.name}>{t("Step")}</span>
      <span className={styles.scale}>
        {ticks(range)
          .filter((tick) => tick < range.to - LABEL_PART * (range.to - range.from))
          .map((tick) => (
            <span key={tick} className={styles.tick} style={{ left: at(tick) }}>
              {formatDuration(tick)}
            </span>
          ))}
        {seen.map((cut) => (
          <span
            key={cut.at}
            className={styles.cut}
            style={{ left: at(cut.at) }}
            title={t("{time} of waiting left out", { time: formatDuration(cut.left_out_ms) })}
          />
        ))}
      </span>
      <span className={styles.number}>{t("Took")}</span>
      <span className={`${styles.number} ${styles.cost}`}>{t("Cost")}</span>
    </div>
  );
}

function useWheel(scroller: React.RefObject<HTMLDivElement | null>, zoom: Zoom["zoom"]): void {
  const newest = useRef(zoom);
  useEffect(() => {
    newest.current = zoom;
  });
  useEffect(() => {
    const element = scroller.current;
    const turned = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const track = element?.querySelector(`.${styles.track}`)?.getBoundingClientRect();
      const about = track ? (event.clientX - track.left) / track.width : 0.5;
      newest.current(event.deltaY > 0 ? WHEEL_STEP : 1 / WHEEL_STEP, Math.min(1, Math.max(0, about)));
    };
    element?.addEventListener("wheel", turned, { passive: false });
    return () => element?.removeEventListener("wheel", turned);
  }, [scroller]);
}
