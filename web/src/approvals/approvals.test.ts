import { expect, test } from "vitest";
import { cardGroups, changedPaths } from "./card-lines";
import { checkLimits, firstLimits, limitsBody, shift } from "./limits";

test("a decimal's point moves without rounding", () => {
  expect(shift("0.5", 2)).toBe("50");
  expect(shift("0.125", 2)).toBe("12.5");
  expect(shift("1", 2)).toBe("100");
  expect(shift("50", -2)).toBe("0.5");
  expect(shift("0.000000000000000001", -2)).toBe("0.00000000000000000001");
  expect(shift("100", -2)).toBe("1");
});

test("the first limit lets the strategy's own entries through", () => {
  expect(firstLimits({ sizing: { kind: "fraction", fraction: "0.25" } }).position).toBe("25");
  expect(firstLimits({}).position).toBe("100");
});

test("limits go to the server as exact text", () => {
  const body = limitsBody({ capital: "2500.50", position: "33.3", orders: "12", loss: "100" });
  expect(body).toEqual({
    capital: "2500.50",
    max_position_fraction: "0.333",
    max_orders_per_day: 12,
    max_daily_loss: "100",
  });
});

test("each limit that makes no sense says so at its field", () => {
  const wrong = checkLimits({ capital: "0", position: "101", orders: "1.5", loss: "-3" });
  expect(Object.keys(wrong).sort()).toEqual(["capital", "loss", "orders", "position"]);
  expect(checkLimits({ capital: "1", position: "100", orders: "1", loss: "0.5" })).toEqual({});
});

const CARD = {
  version: { name: "Cross", number: 2, hash: "ab", document: { entry: "a" } },
  limits: { capital: "10000" },
  feed: "replay",
  something_new: { inside: true },
};

test("every value of a card is a line, also one this page has no word for", () => {
  const lines = cardGroups(CARD).flatMap((group) => group.lines);
  expect(lines.map((line) => line.path)).toEqual([
    "/version/name",
    "/version/number",
    "/version/hash",
    "/limits/capital",
    "/feed",
    "/something_new/inside",
  ]);
  expect(lines.at(-1)?.label).toBe("something new · inside");
});

test("what changed between two cards is named, the document's parts too", () => {
  const after = structuredClone(CARD);
  after.limits.capital = "20000";
  after.version.document.entry = "b";
  expect([...changedPaths(CARD, after)]).toEqual(["/version/document/entry", "/limits/capital"]);
  expect(changedPaths(CARD, structuredClone(CARD)).size).toBe(0);
});
