import { expect, test } from "vitest";
import { filtered, stateFilter, withMarket } from "./list-filter";

const rows = withMarket(
  [
    { name: "Cross", state: "done", hash: "aa11", series_id: "s" },
    { name: "Breakout", state: "running", hash: "bb22", series_id: "gone" },
    { name: "Cross fast", state: "failed", hash: "cc33", series_id: "s" },
  ] as never,
  [{ id: "s", symbol: "BTC/USDT", timeframe: "1h" }] as never,
);
const names = (words: string, state: string) => filtered(rows, words, stateFilter(state)).map((row) => row.name);

test("every word must be in name, market or hash", () => {
  expect(names("cross btc", "all")).toEqual(["Cross", "Cross fast"]);
  expect(names("bb2", "all")).toEqual(["Breakout"]);
  expect(names("cross eth", "all")).toEqual([]);
});

test("a state narrows the list, an unknown one does not", () => {
  expect(names("", "open")).toEqual(["Breakout"]);
  expect(names("", "failed")).toEqual(["Cross fast"]);
  expect(names("", "nonsense")).toHaveLength(3);
});
