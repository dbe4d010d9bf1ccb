/** Which price an unrealized figure uses, and how old it is. */

import type { MarkAnswer } from "../api/generated/types.gen";
import { formatDuration } from "../lib/format";
import { t } from "../lib/message";

/** Above this age a price is called old. */
export const OLD_S = 86_400;

type Marked = { unrealized: string | null; mark: MarkAnswer | null; unvalued: readonly string[] };

export function markWords({ mark, unvalued, unrealized }: Marked): string {
  if (unrealized === null) return t("No price for {assets}", { assets: unvalued.join(", ") });
  if (!mark) return t("Nothing is held");
  const age = formatDuration(mark.age_s * 1_000);
  return isOld(mark)
    ? t("Old price, learned {age} ago: {source}", { source: mark.source, age })
    : t("Price learned {age} ago: {source}", { source: mark.source, age });
}

export function isOld(mark: MarkAnswer): boolean {
  return mark.age_s > OLD_S;
}
