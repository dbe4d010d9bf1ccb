import { expect, test } from "vitest";
import type { Backtest } from "../lib/contract";
import { isShared, marketOf, namesOf, ofSymbol } from "./shared";

const RUN = {
  id: "r",
  series_id: "s1",
  others: ["s2"],
  series: { id: "s1", symbol: "BTC/USDT", timeframe: "1h" },
  every: [
    { id: "s1", symbol: "BTC/USDT", timeframe: "1h" },
    { id: "s2", symbol: "ETH/USDT", timeframe: "1h" },
  ],
  closed: [
    { symbol: "BTC/USDT", opened: 1, closed: 2 },
    { symbol: "ETH/USDT", opened: 1, closed: 3 },
  ],
  closed_count: 2,
  open: null,
  symbols: [
    { symbol: "BTC/USDT", closed_count: 1, open: null, pending: null },
    { symbol: "ETH/USDT", closed_count: 7, open: { opened: 4 }, pending: "flat" },
  ],
} as unknown as Backtest;

test("a run of one symbol shares nothing", () => {
  expect(isShared(RUN)).toBe(true);
  expect(isShared({ others: [] })).toBe(false);
});

test("a symbol has its own candles and positions, and is told how many of them are not stored", () => {
  const one = ofSymbol(RUN, "ETH/USDT");
  expect(one.series_id).toBe("s2");
  expect(one.closed?.map((row) => row.closed)).toEqual([3]);
  expect(one.closed_count).toBe(7);
  expect(one.open?.opened).toBe(4);
});

test("many symbols are called by the first of them", () => {
  expect(marketOf(RUN)).toBe("BTC/USDT, ETH/USDT · 1h");
  expect(namesOf(["A", "B", "C", "D", "E"])).toBe("A, B, C +2");
});
