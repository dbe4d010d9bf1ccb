/** A provider as two letters in a square, beside its name; for the eye only. */

import { providerMark } from "../lib/provider-words";
import styles from "./provider-mark.module.css";

export function ProviderMark({ provider }: { provider: string }) {
  return (
    <span className={styles.mark} aria-hidden="true">
      {providerMark(provider)}
    </span>
  );
}
