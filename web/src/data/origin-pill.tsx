/** Says when a market was made by a generator; nobody may take it for real. */

import type { Series } from "../lib/contract";
import { t } from "../lib/message";
import { StatePill } from "../ui/state-pill";

export function OriginPill({ series }: { series: Pick<Series, "origin"> }) {
  if (series.origin !== "synthetic") return null;
  return (
    <StatePill tone="warn" dot={false}>
      {t("SYNTHETIC")}
    </StatePill>
  );
}

/** The venue; of generated markets also the seed, as several of one name differ in nothing else. */
export function sourceOf({ venue, label }: Pick<Series, "venue" | "label">): string {
  const variant = /\(([^()]+)\)$/.exec(label)?.[1];
  return variant ? `${venue}, ${variant}` : venue;
}
