import { expect, test } from "vitest";
import {
  direction,
  formatCompact,
  formatCost,
  formatDuration,
  formatMoney,
  formatNumber,
  formatPercent,
  formatPrice,
} from "./format";

test("a decimal keeps every digit that no float can hold", () => {
  expect(formatNumber("12345678901234567890.123456789012345678")).toBe("12,345,678,901,234,567,890.123456789012345678");
});

test("a loss has a true minus, a gain a plus when it is asked for, zero none", () => {
  expect(formatMoney("-1234.5", "USDT", { digits: 2, signed: true })).toBe("−1,234.50 USDT");
  expect(formatMoney("1234.5", "USDT", { digits: 2, signed: true })).toBe("+1,234.50 USDT");
  expect(formatMoney("0.00", "USDT", { digits: 2, signed: true })).toBe("0.00 USDT");
});

test("what rounds to zero has no sign", () => {
  expect(formatNumber("-0.001", { digits: 2, signed: true })).toBe("0.00");
  expect(formatNumber("-0.001", { digits: 2 })).toBe("0.00");
});

test("a number so small that JavaScript writes it with an exponent has its digits", () => {
  expect(formatNumber(1.5e-7)).toBe("0.00000015");
  expect(formatNumber(-1.5e-7, { digits: 4, signed: true })).toBe("0.0000");
});

test("an unknown amount is a dash, and so is one that is no decimal", () => {
  expect([null, undefined, "", "NaN", "1e5", "abc", Number.NaN].map((value) => formatNumber(value))).toEqual(
    Array(7).fill("–"),
  );
});

test("a cost that is small is not zero, and one that is zero is free", () => {
  expect(formatCost("0.0004")).toBe("$0.00040");
  expect(formatCost("0.2764")).toBe("$0.276");
  expect(formatCost("12.5")).toBe("$12.50");
  expect(formatCost("0.000")).toBe("Free");
  expect(formatCost(null)).toBe("–");
});

test("a fraction is shown in per cent", () => {
  expect(formatPercent(0.1234)).toBe("12.3 %");
  expect(formatPercent("-0.041", { signed: true })).toBe("−4.1 %");
  expect(formatPercent(Number.POSITIVE_INFINITY)).toBe("–");
});

test("a price has the digits its size calls for", () => {
  expect(formatPrice(69152.1)).toBe("69,152.10");
  expect(formatPrice("1.23456")).toBe("1.2346");
  expect(formatPrice(0.00001234)).toBe("0.00001234");
  expect(formatPrice(0)).toBe("0");
});

test("tokens are shortened the same everywhere", () => {
  expect(formatCompact(72_800)).toBe("72.8K");
  expect(formatCompact(1_000_000)).toBe("1M");
});

test("a duration has the unit that fits", () => {
  expect([119, 1_860, 52_800, 97_000, 7_500_000, 200_000_000].map(formatDuration)).toEqual([
    "119 ms",
    "1.86 s",
    "52.8 s",
    "1 m 37 s",
    "2 h 5 m",
    "2 d 7 h",
  ]);
});

test("the direction of a decimal is read from its text", () => {
  expect(["-0.000000000000000001", "0.0", "-0", "0.000000000000000001", null].map(direction)).toEqual([-1, 0, 0, 1, 0]);
});
