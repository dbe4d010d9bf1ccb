/** The document that a new strategy begins with: complete, so that it is accepted before anything is changed. */

import type { Series } from "../lib/contract";
import { written } from "./document-edit";

export function starter(series: Pick<Series, "symbol" | "timeframe"> | undefined): string {
  return written({
    schema: "omc-strategy/1",
    name: "New strategy",
    universe: [series?.symbol ?? "BTC/USDT"],
    timeframe: series?.timeframe ?? "1h",
    parameters: { fast_window: 20, slow_window: 100 },
    features: { fast: "sma(close, fast_window)", slow: "sma(close, slow_window)" },
    entry: "crosses_above(fast, slow)",
    exit: "crosses_below(fast, slow)",
    sizing: { kind: "fraction", fraction: "1" },
    costs: { fee_bps: "10", slippage_bps: "5" },
  });
}
