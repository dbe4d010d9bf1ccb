/** The cost of each day as bars; the table below holds the same days in numbers. */

import { formatDollars } from "../lib/format";
import { t } from "../lib/message";
import { formatTime } from "../lib/time";
import type { UsageRow } from "../lib/vault";
import styles from "./usage.module.css";
import { addDollars, type DayCost, everyDay } from "./usage-words";

export function DayBars({ rows, days }: { rows: readonly UsageRow[] | undefined; days: number }) {
  const all = everyDay(rows ?? [], days);
  const most = Math.max(...all.map((each) => Number(each.cost)));
  const [first, last] = [all[0]?.day, all.at(-1)?.day];
  return (
    <figure className={styles.figure}>
      <div className={styles.bars} role="img" aria-label={summary(all)}>
        {all.map((each) => (
          <span key={each.day} className={styles.slot} title={`${dayWords(each.day)}: ${formatDollars(each.cost)}`}>
            <span className={styles.bar} style={{ height: `${share(each.cost, most)}%` }} />
          </span>
        ))}
        <span className={styles.most}>{rows ? scaleWords(most) : ""}</span>
      </div>
      <figcaption className={styles.axis} aria-hidden="true">
        <span>{dayWords(first)}</span>
        <span>{dayWords(last)}</span>
      </figcaption>
    </figure>
  );
}

function scaleWords(most: number): string {
  return most > 0 ? formatDollars(String(most)) : t("Nothing was spent in this time.");
}

/** What is not nothing is seen. */
function share(cost: string, most: number): number {
  const part = most > 0 ? (Number(cost) / most) * 100 : 0;
  return part > 0 ? Math.max(2, part) : 0;
}

function summary(all: readonly DayCost[]): string {
  const total = addDollars(all.map((each) => each.cost));
  const top = all.reduce((best, each) => (Number(each.cost) > Number(best.cost) ? each : best), all[0] ?? NO_DAY);
  if (Number(total) === 0) return t("No cost on any of these days.");
  return t("{total} in all; most on {day} with {cost}.", {
    total: formatDollars(total),
    day: dayWords(top.day),
    cost: formatDollars(top.cost),
  });
}

const NO_DAY: DayCost = { day: "", cost: "0", retried: "0" };

function dayWords(day: string | undefined): string {
  return day ? formatTime(`${day}T12:00:00Z`, "day") : "";
}
