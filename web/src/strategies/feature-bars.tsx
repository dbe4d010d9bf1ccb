/** One bar a feature, to the right for more and to the left for less, with its figure. */

import { formatNumber } from "../lib/format";
import { t } from "../lib/message";
import styles from "./trained.module.css";
import { lengthsOf } from "./trained-data";

type FeatureBarsProps = {
  /** Names the chart for the ear. */
  label: string;
  values: readonly { feature: string; value: number; spread?: number }[];
};

export function FeatureBars({ label, values }: FeatureBarsProps) {
  const spreads = new Map(values.map((one) => [one.feature, one.spread]));
  return (
    <ul className={styles.bars} aria-label={label}>
      {lengthsOf(values).map(({ feature, value, length }) => (
        <li key={feature} className={styles.bar}>
          <span className={styles.feature}>{feature}</span>
          <span className={styles.track} aria-hidden="true">
            <span
              className={length < 0 ? styles.less : styles.more}
              style={{ width: `${Math.abs(length) * 50}%`, left: `${length < 0 ? 50 + length * 50 : 50}%` }}
            />
          </span>
          <span className={styles.figure}>
            {formatNumber(value, { digits: 4, signed: true })}
            <Spread value={spreads.get(feature)} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Spread({ value }: { value: number | undefined }) {
  if (value === undefined) return null;
  return <span className={styles.spread}>{t("± {spread}", { spread: formatNumber(value, { digits: 4 }) })}</span>;
}
