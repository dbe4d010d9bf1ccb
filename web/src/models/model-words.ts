/** What the compare table says of a model, and which of several is really the best. */

import { formatCompact, formatCost, formatDuration, formatNumber, formatPercent, UNKNOWN } from "../lib/format";
import { plural, t } from "../lib/message";
import { type ComparedModel, isOwnPrice, type ModelPrice, type ModelStats } from "../lib/vault";

/** As many stand side by side as fit a desk. */
export const MOST_COMPARED = 4;
/** Fewer calls than these say little: no one is called best by them. */
const ENOUGH = 10;
const APART = "~";

export function modelKey(row: Pick<ComparedModel, "credential_id" | "model">): string {
  return `${row.credential_id ?? ""}${APART}${row.model}`;
}

/** The models in an address, in its order; what is gone is left out. */
export function comparedIn(text: string | undefined, rows: readonly ComparedModel[]): ComparedModel[] {
  const keys = (text ?? "").split(",").filter(Boolean);
  return keys.flatMap((key) => rows.filter((row) => modelKey(row) === key)).slice(0, MOST_COMPARED);
}

export function isRules(row: Pick<ComparedModel, "kind">): boolean {
  return row.kind === "rules";
}

export function isFree(price: ModelPrice | null): boolean {
  return price !== null && [price.input, price.output].every((each) => Number(each) === 0);
}

/** $3.00, Free, or – when nobody knows. */
export function priceText(row: ComparedModel, part: "input" | "output" | "cache_read"): string {
  if (isRules(row)) return t("Free");
  return row.price === null ? UNKNOWN : formatCost(row.price[part]);
}

export function whyUnknown(row: ComparedModel): string {
  return t(
    "No price list names {model}. Until you enter its price or declare its server free, it cannot run a session.",
    {
      model: row.model,
    },
  );
}

export function sourceText(price: ModelPrice): string {
  if (isOwnPrice(price)) return t("your price");
  return price.source === "declared free" ? t("declared free") : price.source;
}

export function tokensText(tokens: number | null): string {
  return formatCompact(tokens);
}

export function speedText(stats: ModelStats | null): string {
  const speed = stats?.tokens_per_s_p50 ?? null;
  return speed === null ? UNKNOWN : t("{speed} tok/s", { speed: formatNumber(speed, { digits: speed < 10 ? 1 : 0 }) });
}

export function latencyText(stats: ModelStats | null): string {
  return formatDuration(stats?.latency_ms_p50);
}

export function toolText(stats: ModelStats | null): string {
  return stats?.tool_calls ? formatPercent(stats.tool_call_success, { digits: 0 }) : UNKNOWN;
}

/** What the figures stand on. */
export function standing(stats: ModelStats | null): string {
  if (!stats?.calls) return t("Not used yet: figures appear after your first session with it.");
  const calls = plural(stats.calls, "{count} call of yours", "{count} calls of yours");
  return stats.failed > 0 ? t("{calls}, {failed} failed", { calls, failed: stats.failed }) : calls;
}

export type Figure = { value: (row: ComparedModel) => number | null; less: boolean; measured: boolean };

/** Keys of the models that hold the best figure; none while they tie all, or are measured too seldom. */
export function best(rows: readonly ComparedModel[], figure: Figure): ReadonlySet<string> {
  const known = rows.flatMap((row) => {
    const value = figure.value(row);
    const enough = !figure.measured || (row.stats?.calls ?? 0) >= ENOUGH;
    return value === null || !enough ? [] : [{ key: modelKey(row), value }];
  });
  if (known.length < 2) return new Set();
  const values = known.map((each) => each.value);
  const top = figure.less ? Math.min(...values) : Math.max(...values);
  const winners = known.filter((each) => each.value === top);
  return new Set(winners.length === known.length ? [] : winners.map((each) => each.key));
}

/** tools, streaming, effort; a dash when nobody knows. */
export function abilities(row: ComparedModel): string {
  const all = [
    [row.tools, t("tools")],
    [row.streaming, t("streaming")],
    [row.effort, t("effort")],
  ] as const;
  return all.flatMap(([yes, word]) => (yes ? [word] : [])).join(", ") || UNKNOWN;
}
