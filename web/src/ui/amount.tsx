/** Numbers and times as they stand on the page: tabular, signed, with words for the ear and the full value on hover. */

import type { ReactNode } from "react";
import { type Amount, direction, formatMoney, formatNumber, formatPercent, type NumberShape } from "../lib/format";
import { formatAge, formatTime, formatUtc, type Moment } from "../lib/time";
import styles from "./amount.module.css";

/** A gain or a loss: sign, colour and, in tables on request, an arrow. */
export function Gain({ value, currency = "", digits = 2 }: { value: Amount; currency?: string; digits?: number }) {
  const tone = ["loss", "none", "gain"][direction(value) + 1];
  return (
    <span className={styles.number} data-tone={tone} title={exact(value)}>
      {formatMoney(value, currency, { digits, signed: true })}
    </span>
  );
}

export function GainPercent({ fraction, digits = 1 }: { fraction: Amount; digits?: number }) {
  const tone = ["loss", "none", "gain"][direction(fraction) + 1];
  return (
    <span className={styles.number} data-tone={tone}>
      {formatPercent(fraction, { digits, signed: true })}
    </span>
  );
}

export function Money({ value, currency = "", digits = 2 }: { value: Amount; currency?: string; digits?: number }) {
  return (
    <span className={styles.number} title={exact(value)}>
      {formatMoney(value, currency, { digits })}
    </span>
  );
}

export function Count({ value, ...shape }: { value: Amount } & NumberShape) {
  return <span className={styles.number}>{formatNumber(value, shape)}</span>;
}

/** A moment in the chosen zone; hover shows UTC. */
export function Time({ value, part = "minute" }: { value: Moment; part?: "minute" | "second" | "day" }) {
  return (
    <time className={styles.number} dateTime={formatUtc(value)} title={formatUtc(value)}>
      {formatTime(value, part)}
    </time>
  );
}

/** How long ago; relative only under a day. */
export function Age({ value }: { value: Moment }) {
  return (
    <time className={styles.number} dateTime={formatUtc(value)} title={formatUtc(value)}>
      {formatAge(value)}
    </time>
  );
}

export function Mono({ children }: { children: ReactNode }) {
  return <span className={styles.mono}>{children}</span>;
}

function exact(value: Amount): string | undefined {
  return typeof value === "string" && value.length > 0 ? value : undefined;
}
