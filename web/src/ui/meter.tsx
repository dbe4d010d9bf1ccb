/** How much of a limit is used: a bar that turns amber at 80 % and says its figures in words. */

import { formatDollars } from "../lib/format";
import { t } from "../lib/message";
import styles from "./meter.module.css";

const NEAR = 0.8;

type MeterProps = {
  /** Names it for the ear. */
  label: string;
  spent: string;
  /** For calls under way: may become spent. */
  reserved?: string | undefined;
  limit: string;
};

export function Meter({ label, spent, reserved = "0", limit }: MeterProps) {
  const used = part(spent, limit);
  const held = Math.min(1 - used, part(reserved, limit));
  const tone = used + held >= 1 ? "full" : used + held >= NEAR ? "near" : "calm";
  const words = t("{spent} of {limit}", { spent: formatDollars(spent), limit: formatDollars(limit) });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a meter element cannot show two parts
    <span
      className={styles.track}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((used + held) * 100)}
      aria-valuetext={words}
      data-tone={tone}
    >
      <span className={styles.used} style={{ width: `${used * 100}%` }} />
      <span className={styles.held} style={{ width: `${held * 100}%` }} />
    </span>
  );
}

function part(amount: string, limit: string): number {
  const whole = Number(limit);
  return whole > 0 ? Math.min(1, Math.max(0, Number(amount) / whole)) : Number(amount) > 0 ? 1 : 0;
}
