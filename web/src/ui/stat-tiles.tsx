/** A strip of figures: label, number, and the comparison or note that gives it meaning. */

import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./stat-tiles.module.css";

export type Stat = { label: string; value: ReactNode; note?: ReactNode };

/** While `loading` the strip has its final size. */
export function StatTiles({ stats, loading = false }: { stats: readonly Stat[]; loading?: boolean }) {
  return (
    <dl className={styles.strip} aria-busy={loading || undefined}>
      {stats.map((stat) => (
        <div key={stat.label} className={styles.tile}>
          <dt className={styles.label}>{stat.label}</dt>
          <dd className={styles.value}>{loading ? <Skeleton height={18} width={84} mt={4} mb={4} /> : stat.value}</dd>
          <dd className={styles.note}>{loading ? " " : (stat.note ?? " ")}</dd>
        </div>
      ))}
    </dl>
  );
}
