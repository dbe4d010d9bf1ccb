/** A part's state three times over: a pattern to see, a word to read, a colour to find it by. */

import type { PartState } from "../lib/contract";
import { StatePill } from "../ui/state-pill";
import { STATES } from "./part-words";
import styles from "./status.module.css";

export function PartSign({ state }: { state: PartState }) {
  const { words, tone } = STATES[state];
  return (
    <span className={styles.sign}>
      <span className={styles.pattern} data-state={state} aria-hidden="true" />
      <StatePill tone={tone} dot={false}>
        {words}
      </StatePill>
    </span>
  );
}
