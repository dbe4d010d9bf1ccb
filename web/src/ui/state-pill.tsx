/** A state as a word with a dot: colour helps, the word tells. */

import type { ReactNode } from "react";
import styles from "./state-pill.module.css";

export type Tone = "good" | "bad" | "warn" | "info" | "accent" | "quiet";

type StatePillProps = { tone: Tone; children: ReactNode; dot?: boolean; pulse?: boolean };

export function StatePill({ tone, children, dot = true, pulse = false }: StatePillProps) {
  return (
    <span className={styles.pill} data-tone={tone}>
      {dot ? <span className={styles.dot} data-pulse={pulse || undefined} aria-hidden="true" /> : null}
      {children}
    </span>
  );
}
