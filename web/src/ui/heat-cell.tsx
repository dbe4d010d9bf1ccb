/** A cell of a heat map that is a table: it says its number, the colour only helps. */

import { formatPercent } from "../lib/format";
import styles from "./heat-map.module.css";

/** The strongest colour, in percent: the number on it must stay readable. */
const STRONGEST = 42;

/** `most` is the largest distance from zero among all cells. */
export function HeatCell({ value, most }: { value: number | null; most: number }) {
  if (value === null) return <td className={styles.none}>–</td>;
  const strength = Math.round((Math.abs(value) / most) * STRONGEST);
  const colour = value < 0 ? "var(--omc-loss)" : "var(--omc-gain)";
  return (
    <td style={{ background: `color-mix(in srgb, ${colour} ${strength}%, transparent)` }}>
      {formatPercent(value, { digits: 1, signed: true })}
    </td>
  );
}
