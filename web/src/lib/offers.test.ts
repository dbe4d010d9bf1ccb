import { expect, test } from "vitest";
import type { Series } from "./contract";
import { extentOf, offersOf, symbolsOf } from "./offers";

const DOCUMENT = { timeframe: "1h", universe: ["ETH/USDT", "BTC/USDT"] };

function row(symbol: string, venue: string, change: Partial<Series> = {}): Series {
  const id = `${venue} ${symbol}`;
  const found = { id, symbol, venue, timeframe: "1h", origin: "imported", label: id, bars: 10, start: null, end: null };
  return { ...found, ...change } as Series;
}

test("the venue that has all symbols comes first, in the document's order", () => {
  const rows = [row("BTC/USDT", "kraken", { bars: 900 }), row("BTC/USDT", "binance"), row("ETH/USDT", "binance")];
  const [first, second] = offersOf(rows, DOCUMENT);
  expect(first?.series.map((one) => one.id)).toEqual(["binance ETH/USDT", "binance BTC/USDT"]);
  expect(first?.missing).toEqual([]);
  expect(second?.missing).toEqual(["ETH/USDT"]);
});

test("imported candles come before made ones, however many those are", () => {
  const made = (symbol: string) => row(symbol, "synthetic", { origin: "synthetic", bars: 9_000 });
  const rows = [made("BTC/USDT"), made("ETH/USDT"), row("BTC/USDT", "binance"), row("ETH/USDT", "binance")];
  expect(offersOf(rows, DOCUMENT).map((one) => one.venue)).toEqual(["binance", "synthetic"]);
});

test("of two series of one symbol the longer one is offered, and no bars of another length", () => {
  const rows = [
    row("BTC/USDT", "binance", { id: "short" }),
    row("BTC/USDT", "binance", { id: "long", bars: 50 }),
    row("ETH/USDT", "binance", { timeframe: "1d" }),
  ];
  const [only] = offersOf(rows, DOCUMENT);
  expect(only?.series.map((one) => one.id)).toEqual(["long"]);
  expect(only?.missing).toEqual(["ETH/USDT"]);
});

test("a document that names no symbols has none", () => {
  expect(symbolsOf(null)).toEqual([]);
  expect(symbolsOf({ universe: "BTC/USDT" })).toEqual([]);
});

test("the extent reaches from the first bar of any to the last of any", () => {
  const rows = [
    row("BTC/USDT", "binance", { start: "2024-01-02T00:00:00Z", end: "2024-03-01T00:00:00Z" }),
    row("ETH/USDT", "binance", { start: "2024-01-01T00:00:00Z", end: "2024-02-01T00:00:00Z" }),
  ];
  expect(extentOf(rows)).toEqual({ start: "2024-01-01T00:00:00Z", end: "2024-03-01T00:00:00Z" });
  expect(extentOf([])).toEqual({ start: null, end: null });
});
