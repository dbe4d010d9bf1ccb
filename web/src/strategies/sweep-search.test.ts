import { expect, test } from "vitest";
import { ApiError } from "../lib/http";
import {
  aroundOf,
  countOf,
  countWords,
  fieldOf,
  firstSearch,
  methodOf,
  parametersOf,
  planOf,
  valuesOf,
} from "./sweep-search";

const parameters = parametersOf({ parameters: { fast: 20, slow: 50 } });
const kept = firstSearch(parameters);

function varied(how: "range" | "list", changes: object = {}) {
  return { ...aroundOf(20), how, ...changes };
}

test("a range around the document's value is offered, and is a window that can be", () => {
  expect(aroundOf(20)).toMatchObject({ low: "10", high: "30", step: "5", list: "10, 20, 30" });
  expect(aroundOf(2)).toMatchObject({ low: "1", high: "4", step: "1" });
  expect(aroundOf(0.05)).toMatchObject({ low: "0.03", high: "0.07", step: "0.01" });
  expect(aroundOf(-8)).toMatchObject({ low: "-12", high: "-4", step: "2" });
});

test("both ends of a range count, in decimals too, and no value twice", () => {
  expect(countOf(varied("range"))).toBe(5);
  expect(countOf(varied("range", { low: "0.1", high: "0.3", step: "0.1" }))).toBe(3);
  expect(countOf(varied("range", { high: "29" }))).toBe(4);
  expect(countOf(varied("list", { list: "10, 20,10" }))).toBe(2);
});

test.each([{ step: "0" }, { low: "" }, { low: "40" }, { high: "x" }])("%o is not counted", (changes) => {
  expect(countOf(varied("range", changes))).toBeNull();
});

test("only what is varied is asked for, and as it was typed", () => {
  const search = { ...kept, varied: { ...kept.varied, slow: varied("list", { list: "x" }) } };
  expect(valuesOf(search)).toEqual({ slow: "x" });
  expect(methodOf(search)).toEqual({});
  expect(methodOf({ ...search, method: "sample" })).toEqual({ sample: 100, seed: 0 });
  expect(methodOf({ ...search, method: "optuna", tries: 7, seed: 3 })).toEqual({ tries: 7, seed: 3 });
  expect(methodOf({ ...search, fresh: true })).toEqual({ fresh: true });
  expect(planOf({ ...search, purge: 4 })).toEqual({ windows: 6, kind: "anchored", purge: 4, embargo: 0 });
});

test("the words say how many trials it is", () => {
  expect(countWords(kept)).toContain("Nothing is varied yet");
  const both = { ...kept, varied: { fast: varied("range"), slow: varied("list", { list: "50,60" }) } };
  expect(countWords(both)).toBe("5 × 2 = 10 combinations. Each counts as a trial.");
  expect(countWords({ ...both, method: "sample", tries: 4 })).toContain("4 of 5 × 2 = 10 combinations, at random");
  expect(countWords({ ...both, method: "optuna", tries: 10 })).toBe(countWords(both));
  expect(countWords({ ...both, varied: { fast: varied("range", { step: "" }) } })).toContain("can be read");
});

test.each([
  ["fast", "/values/fast"],
  ["/parameters/fast", "/values/fast"],
  ["/values/fast/str", "/values/fast"],
  ["/train", "/train"],
  ["train", "/values/train"],
  ["/document/entry", null],
])("a refusal at %s belongs to %s", (place, field) => {
  expect(fieldOf(new ApiError({ status: 422, detail: "no", place }))).toBe(field);
});
