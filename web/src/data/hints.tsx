/** What a file may not say itself: of which market its candles are. */

import { TextInput } from "@mantine/core";
import { t } from "../lib/message";
import styles from "./data.module.css";
import type { About } from "./use-uploads";

const MAX_WORD = 40;

export function Hints({ about, onChange }: { about: About; onChange: (about: About) => void }) {
  const field = (name: keyof About, label: string, placeholder: string) => (
    <TextInput
      label={label}
      placeholder={placeholder}
      maxLength={MAX_WORD}
      value={about[name] ?? ""}
      onChange={(event) => onChange({ ...about, [name]: event.currentTarget.value })}
    />
  );
  return (
    <details className={styles.hints}>
      <summary>{t("If a file does not say its market")}</summary>
      <p className={styles.dim}>
        {t("Used for the next files, and only where a file says nothing itself. Leave it empty for files that do.")}
      </p>
      <div className={styles.fields}>
        {field("symbol", t("Market"), "BTC/USDT")}
        {field("timeframe", t("Bars of"), "1h")}
        {field("venue", t("Source"), "binance")}
      </div>
    </details>
  );
}
