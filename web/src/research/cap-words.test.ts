import { expect, test } from "vitest";
import { isOwnCap, shownCap, suggestedCap, typedCap } from "./cap-words";

const told = (what: string) =>
  `${what} is $0.10: $0.021 is spent, $0.00 is reserved for calls under way, and the next call could cost up to $0.0934.`;

test("only the session's own cap is raised on its page", () => {
  expect(isOwnCap("session", told("The cap of a day"))).toBe(true);
  expect(isOwnCap("key", told("This session's cap"))).toBe(false);
});

test("a session that ended before its events named the cap tells it in its sentence", () => {
  expect(isOwnCap("", told("This session's cap"))).toBe(true);
  expect(isOwnCap("", "")).toBe(true);
  expect(isOwnCap("", told("The cap of a day"))).toBe(false);
  expect(isOwnCap("", told("The monthly budget of the key Work"))).toBe(false);
});

test.each([
  ["0.10", "0.021", told("This session's cap"), "0.20"],
  ["0.02", "0.021", told("This session's cap"), "0.12"],
  ["2", "1.99", "", "4.00"],
])("from %s with %s spent, the next cap", (cap, spent, error, suggested) => {
  expect(suggestedCap(cap, spent, error)).toBe(suggested);
});

test.each([
  ["0.50", "0.50"],
  ["0", null],
  ["", null],
  ["much", null],
])("%s is a cap: %s", (typed, cap) => {
  expect(typedCap(typed)).toBe(cap);
});

test.each([
  ["0.1", "0.10"],
  ["2", "2.00"],
  ["0.125", "0.125"],
  [null, ""],
])("the cap %s stands in the field as %s", (cap, shown) => {
  expect(shownCap(cap)).toBe(shown);
});
