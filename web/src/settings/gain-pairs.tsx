/** The pairs of colours for gains and losses, each shown in itself. */

import { Radio } from "@mantine/core";
import { t } from "../lib/message";
import { type Preferences, prefer, usePreferences } from "../lib/preferences";
import styles from "./settings.module.css";

const PAIRS: readonly { id: Preferences["gain"]; label: string }[] = [
  { id: "teal", label: t("Teal and orange") },
  { id: "classic", label: t("Green and red") },
  { id: "red-up", label: t("Red up, green down") },
  { id: "blue", label: t("Blue and orange") },
];

export function GainPairs() {
  const { gain } = usePreferences();
  const choose = (id: string) => {
    const pair = PAIRS.find((one) => one.id === id);
    if (pair) prefer({ gain: pair.id });
  };
  return (
    <Radio.Group aria-label={t("Colours of gains and losses")} value={gain} onChange={choose}>
      <div className={styles.radios}>
        {PAIRS.map((pair) => (
          <div key={pair.id} className={styles.pair}>
            <Radio value={pair.id} label={pair.label} />
            <span className={styles.sample} data-gain={pair.id} aria-hidden="true">
              <span className={styles.gain}>+1.2 %</span>
              <span className={styles.loss}>−0.8 %</span>
            </span>
          </div>
        ))}
      </div>
    </Radio.Group>
  );
}
