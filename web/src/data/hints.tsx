/** What a file may not say itself: of which market its candles are. */

import { TextInput } from "@mantine/core";
import type { Ref } from "react";
import { t } from "../lib/message";
import styles from "./data.module.css";
import type { About } from "./use-uploads";

const MAX_WORD = 40;

type HintsProps = { about: About; onChange: (about: About) => void; ref: Ref<HTMLDetailsElement> };

/** Opens the fields and goes to the one that a refused file lacks. */
export function askFor(hints: HTMLDetailsElement | null, field: keyof About): void {
  if (!hints) return;
  hints.open = true;
  hints.querySelector<HTMLInputElement>(`input[name="${field}"]`)?.focus();
}

export function Hints({ about, onChange, ref }: HintsProps) {
  const field = (name: keyof About, label: string, placeholder: string) => (
    <TextInput
      name={name}
      label={label}
      placeholder={placeholder}
      maxLength={MAX_WORD}
      value={about[name] ?? ""}
      onChange={(event) => onChange({ ...about, [name]: event.currentTarget.value })}
    />
  );
  return (
    <details className={styles.hints} ref={ref}>
      <summary>{t("If a file does not say its market")}</summary>
      <p className={styles.dim}>
        {t(
          "Used for the next files, and only where a file says nothing itself. After a refusal, fill it in and try again.",
        )}
      </p>
      <div className={styles.fields}>
        {field("symbol", t("Market"), "BTC/USDT")}
        {field("timeframe", t("Bars of"), "1h")}
        {field("venue", t("Source"), "binance")}
      </div>
    </details>
  );
}
