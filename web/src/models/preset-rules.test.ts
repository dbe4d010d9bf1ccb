import { expect, test } from "vitest";
import { numberTrouble, readPreset, typedPreset } from "./preset-rules";

const empty = typedPreset(null);

test("a name is enough: the rest is the provider's own", () => {
  expect(readPreset({ ...empty, name: " careful " })).toEqual({
    name: "careful",
    credential_id: null,
    model: null,
    temperature: null,
    top_p: null,
    max_tokens: null,
    effort: null,
  });
});

test("decimals stay text, tokens are a whole number", () => {
  const read = readPreset({ ...empty, name: "x", temperature: "0.20", max_tokens: "4096" });
  expect(read?.temperature).toBe("0.20");
  expect(read?.max_tokens).toBe(4096);
});

test.each([
  ["2.5", { most: 2, whole: false }],
  ["hot", { most: 2, whole: false }],
  ["0", { most: 10, whole: true }],
  ["1.5", { most: 10, whole: true }],
])("%s is refused", (typed, range) => {
  expect(numberTrouble(typed, range)).not.toBeNull();
  expect(numberTrouble("1", range)).toBeNull();
});

test("nothing is kept without a name", () => {
  expect(readPreset(empty)).toBeNull();
});
