/** Whose key it is: one card each. */

import { t } from "../lib/message";
import type { ProviderRow } from "../lib/vault";
import { ProviderMark } from "../ui/provider-mark";
import styles from "./keys.module.css";
import { shortLabel } from "./provider-rules";

type ProviderCardsProps = {
  providers: readonly ProviderRow[];
  chosen: ProviderRow;
  onPick: (provider: ProviderRow) => void;
};

export function ProviderCards({ providers, chosen, onPick }: ProviderCardsProps) {
  return (
    <fieldset className={styles.cards}>
      <legend className={styles.heard}>{t("Provider")}</legend>
      {providers.map((provider) => (
        <label key={provider.id} className={styles.card}>
          <input
            type="radio"
            name="provider"
            className={styles.heard}
            checked={provider.id === chosen.id}
            onChange={() => onPick(provider)}
          />
          <ProviderMark provider={provider.id} />
          <span>{shortLabel(provider)}</span>
        </label>
      ))}
    </fieldset>
  );
}
