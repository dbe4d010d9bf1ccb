/** Which runs of the list are shown: by words in name, market or hash, and by state. */

import type { BacktestShort, Series } from "../lib/contract";
import { t } from "../lib/message";
import { namesOf } from "./shared";

export type StateFilter = "all" | "done" | "open" | "failed";
export type ListRow = BacktestShort & { market: string };

export const STATE_OPTIONS: readonly { value: StateFilter; label: string }[] = [
  { value: "all", label: t("All") },
  { value: "done", label: t("Done") },
  { value: "open", label: t("Under way") },
  { value: "failed", label: t("Refused") },
];

export function stateFilter(text: string | undefined): StateFilter {
  return STATE_OPTIONS.find((one) => one.value === text)?.value ?? "all";
}

export function withMarket(rows: readonly BacktestShort[], series: readonly Series[]): ListRow[] {
  const known = new Map(series.map((row) => [row.id, row]));
  return rows.map((row) => {
    const every = [row.series_id, ...(row.others ?? [])].flatMap((id) => known.get(id) ?? []);
    const names = namesOf(every.map((one) => one.symbol));
    return { ...row, market: every[0] ? `${names} · ${every[0].timeframe}` : "" };
  });
}

/** Every word must be found. */
export function filtered(rows: readonly ListRow[], words: string, state: StateFilter): ListRow[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const text = `${row.name} ${row.market} ${row.hash}`.toLowerCase();
    return isIn(row.state, state) && wanted.every((word) => text.includes(word));
  });
}

function isIn(state: BacktestShort["state"], filter: StateFilter): boolean {
  if (filter === "all") return true;
  return filter === "open" ? state === "queued" || state === "running" : state === filter;
}
