/** The figures that matter first: today, this month against its cap, and what failures cost. */

import { formatCompact, formatDollars, formatNumber, formatPercent } from "../lib/format";
import { t } from "../lib/message";
import type { Usage } from "../lib/vault";
import { StatTiles } from "../ui/stat-tiles";
import { addDollars, forecast } from "./usage-words";

export function UsageTiles({ usage, days }: { usage: Usage | undefined; days: number }) {
  const total = usage?.total;
  return (
    <StatTiles
      loading={!usage}
      stats={[
        { label: t("Today"), value: formatDollars(usage?.today.spent), note: ofCap(usage?.caps.per_day) },
        { label: t("This month"), value: formatDollars(usage?.month.spent), note: monthNote(usage) },
        {
          label: t("Last {days} days", { days }),
          value: formatDollars(usage?.total.cost),
          note: t("{calls} calls, {failed} failed", {
            calls: formatNumber(total?.calls),
            failed: formatNumber(total?.failed),
          }),
        },
        {
          label: t("Failed and retried"),
          value: formatDollars(total ? addDollars([total.failed_cost, total.retried_cost]) : null),
          note: t("Contained in the total"),
        },
        {
          label: t("Tokens"),
          value: formatCompact((total?.input ?? 0) + (total?.output ?? 0)),
          note: cachedNote(total?.cached_share),
        },
      ]}
    />
  );
}

function ofCap(cap: string | null | undefined): string {
  return cap === null || cap === undefined ? t("No cap") : t("of {cap}", { cap: formatDollars(cap) });
}

function monthNote(usage: Usage | undefined): string {
  if (!usage) return "";
  const pace = forecast(usage.month.spent);
  const cap = ofCap(usage.caps.per_month);
  return pace === null ? cap : t("{cap}; at this pace {pace}", { cap, pace: formatDollars(pace) });
}

function cachedNote(share: number | null | undefined): string {
  return share === null || share === undefined
    ? t("None yet")
    : t("{share} of the input cached", { share: formatPercent(share, { digits: 0 }) });
}
