import { expect, test } from "vitest";
import { marketOf } from "./market-of";

const SERIES = [
  { id: "1", symbol: "BTC/USDT", timeframe: "5m" },
  { id: "2", symbol: "BTC/USDT", timeframe: "1h" },
  { id: "3", symbol: "ETH/USDT", timeframe: "1h" },
];

test("a goal's coin picks its market, hourly bars first", () => {
  expect(marketOf(SERIES, "Does a breakout beat holding ETH?")).toBe("3");
  expect(marketOf(SERIES, "does holding btc pay")).toBe("2");
});

test("a symbol in the address wins over the goal", () => {
  expect(marketOf(SERIES, "About ETH", "BTC/USDT")).toBe("2");
});

test("a goal that names no coin takes the first hourly market, and none when there is none", () => {
  expect(marketOf(SERIES, "Does anything work?")).toBe("2");
  expect(marketOf([], "BTC")).toBe("");
});
