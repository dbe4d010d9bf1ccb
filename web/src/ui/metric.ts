/** A backtest's figures in words: their names, and each value by its unit. Floats: they are statistics, not money. */

import type { MetricAnswer } from "../api/generated/types.gen";
import { formatNumber, formatPercent, UNKNOWN } from "../lib/format";
import { t } from "../lib/message";

/** Figures whose sign means better or worse. */
const SIGNED = new Set(["total_return", "hold_return", "excess_return", "annual_growth", "hold_annual_growth"]);

export function metricName(name: string): string {
  const names: Record<string, string> = {
    total_return: t("Total return"),
    hold_return: t("Return of holding"),
    excess_return: t("Return beyond holding"),
    annual_growth: t("Growth a year"),
    hold_annual_growth: t("Growth of holding a year"),
    volatility: t("Volatility a year"),
    sharpe: t("Sharpe ratio"),
    hold_sharpe: t("Sharpe ratio of holding"),
    sortino: t("Sortino ratio"),
    max_drawdown: t("Max drawdown"),
    hold_max_drawdown: t("Max drawdown of holding"),
    longest_drawdown: t("Longest drawdown"),
    calmar: t("Calmar ratio"),
    closed_positions: t("Closed positions"),
    win_rate: t("Win rate"),
    profit_factor: t("Profit factor"),
    average_position: t("Average position"),
    best_position: t("Best position"),
    worst_position: t("Worst position"),
    exposure: t("Time in the market"),
    fees: t("Fees"),
  };
  return names[name] ?? name.replaceAll("_", " ");
}

export function metricText(metric: MetricAnswer | undefined): string {
  if (!metric || metric.value === null) return UNKNOWN;
  const signed = SIGNED.has(metric.name);
  if (metric.unit.startsWith("fraction")) return formatPercent(metric.value, { digits: 1, signed });
  if (metric.unit === "count") return formatNumber(metric.value, { digits: 0 });
  if (metric.unit === "days") {
    const digits = metric.value < 10 ? 1 : 0;
    return t("{count} days", { count: formatNumber(metric.value, { digits }) });
  }
  return formatNumber(metric.value, { digits: 2, signed });
}

/** The page shows a fraction in percent; the CSV has it as it is stored. */
export function metricUnit(metric: MetricAnswer): string {
  return metric.unit.replace(/^fraction/, t("percent"));
}

export function metricOf(metrics: readonly MetricAnswer[] | undefined, name: string): MetricAnswer | undefined {
  return metrics?.find((metric) => metric.name === name);
}
