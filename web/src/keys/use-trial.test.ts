import { expect, test } from "vitest";
import { ApiError, errorOf } from "../lib/http";
import { testOf } from "./use-trial";

const failed = { ok: false, steps: [], failure: null, models: [], latency_ms: 9, notes: [] };

test("a refused key brings its test along", () => {
  const error = errorOf(422, { code: "bad_key", detail: "It is not accepted.", test: failed }, "/vault/credentials");
  expect(testOf(error)).toEqual(failed);
});

test.each([
  errorOf(422, { code: "name_missing", detail: "Give it a name.", test: null }, "/vault/credentials"),
  errorOf(502, null, "/vault/credentials"),
  new ApiError({ status: 0, detail: "No answer." }),
  new Error("anything"),
])("%s was refused without a test", (error) => {
  expect(testOf(error)).toBeNull();
});
