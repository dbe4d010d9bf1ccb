import { expect, test } from "vitest";
import type { SessionAnswer } from "../api/generated/types.gen";
import { NEW_SESSION } from "./session-state";
import { spentText } from "./spent";

const { totals } = NEW_SESSION;
const paid = { credential_id: "1" } as SessionAnswer;
const rules = { credential_id: null } as SessionAnswer;
const told = (spent: string) => ({ spent, reserved: "0", cap: "2" });

test("a paid model that has not answered yet is not called free", () => {
  expect(spentText(paid, null, totals)).toBe("$0.00");
  expect(spentText(paid, told("0"), totals)).toBe("$0.00");
  expect(spentText(paid, told("0"), { ...totals, models: 1, failed: 1 })).toBe("$0.00");
});

test("answers for nothing are free, and so are rules", () => {
  expect(spentText(paid, told("0"), { ...totals, tokens_in: 9 })).toBe("Free");
  expect(spentText(rules, null, totals)).toBe("Free");
});

test("the newest figure is the one that the caps were told", () => {
  expect(spentText(paid, told("0.0042"), { ...totals, models: 1, cost_micro: 9 })).toBe("$0.0042");
});

test("a call without a known price makes the sum unknown", () => {
  expect(spentText(paid, null, { ...totals, models: 2, unpriced: 1, cost_micro: 5 })).toBe("–");
});
