/** What the editor offers while an expression is written. */

import { expect, test } from "vitest";
import { insertionOf, isExpression, languageOf, matching, suggestionsOf, wordAt } from "./completion";

const language = languageOf({
  "x-language": {
    columns: ["close"],
    signs: ["+"],
    functions: [
      { usage: "sma(x, bars)", meaning: "mean", gives: "a number" },
      { usage: "crosses_above(x, y)", meaning: "cross", gives: "yes or no" },
    ],
  },
});
const all = suggestionsOf(language, { features: { slow: "sma(close, 9)" }, parameters: { window: 9 } });

test("columns, functions and the document's own names are offered", () => {
  expect(all.map((one) => one.usage)).toEqual(["slow", "window", "close", "sma(x, bars)", "crosses_above(x, y)"]);
  expect(all[0]?.meaning).toContain("sma(close, 9)");
});

test("features of longer bars and inputs are offered with what they are", () => {
  const features = { trend: { expression: "sma(close, 9)", timeframe: "4h" } };
  const inputs = { fear: { kind: "series", series: "fear_greed:value" } };
  const [trend, fear] = suggestionsOf(languageOf({}), { features, inputs });
  expect([trend?.name, fear?.name]).toEqual(["trend", "fear"]);
  expect(trend?.meaning).toContain("sma(close, 9) · 4h");
  expect(fear?.meaning).toContain("fear_greed:value");
});

test("a schema without a language offers nothing, and does not fail", () => {
  expect(suggestionsOf(languageOf(undefined), null)).toEqual([]);
  expect(suggestionsOf(languageOf({}), { features: ["no"], parameters: null })).toEqual([]);
});

test("what begins with the word comes before what contains it", () => {
  expect(matching(all, "s").map((one) => one.name)).toEqual(["slow", "sma", "close", "crosses_above"]);
  expect(matching(all, "above").map((one) => one.name)).toEqual(["crosses_above"]);
});

test("a word that is written out needs no offer", () => {
  expect(matching(all, "window")).toEqual([]);
});

test("the word at the caret ends there", () => {
  expect(wordAt("close > sm", 10)).toBe("sm");
  expect(wordAt("close > ", 8)).toBe("");
  expect(wordAt("rsi14", 5)).toBe("rsi14");
});

test("a function comes with its brackets, the caret between them, once", () => {
  const sma = all[3];
  if (!sma) throw new Error("sma is missing");
  expect(insertionOf(sma, " > 1")).toEqual({ text: "sma()", caret: 4 });
  expect(insertionOf(sma, "(close)")).toEqual({ text: "sma", caret: 3 });
});

test("only expressions are completed", () => {
  expect(["/entry", "/short_exit", "/features/fast"].every(isExpression)).toBe(true);
  expect(["/name", "/features", "/universe/0", "/costs/fee_bps"].some(isExpression)).toBe(false);
});
