/** A cell of a heat map that is a table: it says its number, the colour only helps. */

import { formatPercent, UNKNOWN } from "../lib/format";
import styles from "./heat-map.module.css";

/** The strongest colour, in percent: the number on it must stay readable. */
const STRONGEST = 42;

type HeatCellProps = {
  /** Null where there is none; undefined while it is not known. */
  value: number | null | undefined;
  /** The largest distance from zero among all cells. */
  most: number;
  text?: (value: number) => string;
};

export function HeatCell({ value, most, text = percent }: HeatCellProps) {
  if (value === undefined) return <td />;
  if (value === null) return <td className={styles.none}>{UNKNOWN}</td>;
  const strength = Math.round((Math.abs(value) / most) * STRONGEST);
  const colour = value < 0 ? "var(--omc-loss)" : "var(--omc-gain)";
  return <td style={{ background: `color-mix(in srgb, ${colour} ${strength}%, transparent)` }}>{text(value)}</td>;
}

function percent(value: number): string {
  return formatPercent(value, { digits: 1, signed: true });
}
