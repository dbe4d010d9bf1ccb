/** What a model has said and thought so far, while it goes on. */

import { t } from "../lib/message";
import styles from "./session.module.css";
import type { Spoken, Words } from "./session-speech";

export function Said({ words }: { words: Words }) {
  return (
    <section className={styles.said} aria-label={t("What the model is saying")} aria-busy="true">
      <p className={styles.who}>{words.text.text ? t("Model, speaking") : t("Model, thinking")}</p>
      {words.thought.text ? <p className={styles.thought}>{heard(words.thought)}</p> : null}
      {words.text.text ? <p className={`${styles.message} ${styles.speaking}`}>{heard(words.text)}</p> : null}
    </section>
  );
}

/** Who came too late for the beginning is shown that there was one. */
function heard(spoken: Spoken): string {
  return spoken.from > 0 ? `… ${spoken.text}` : spoken.text;
}
