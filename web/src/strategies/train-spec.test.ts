/** What is typed into the form of a training, as the API takes it. */

import { expect, test } from "vitest";
import { ApiError } from "../lib/http";
import { FIRST_WISH, featuresOf, kindsOf, specOf, trainFieldOf, withTask } from "./train-spec";

const SERIES = { symbol: "ETH/USDT", timeframe: "4h" };

test("a line is a feature, and a comparison in it is no second name", () => {
  expect(featuresOf("up = close > open\n\n calm=atr(14) <= 3 ")).toEqual({ up: "close > open", calm: "atr(14) <= 3" });
});

test("a line without a name is left for the server to refuse", () => {
  expect(featuresOf("close > open")).toEqual({ "close > open": "" });
});

test("the market and the bars are those of the series", () => {
  expect(specOf(FIRST_WISH, SERIES)).toMatchObject({
    universe: ["ETH/USDT"],
    timeframe: "4h",
    target: { kind: "forward_return", bars: 12 },
    model: { kind: "boosting" },
  });
});

test("barriers are sent with the label that has some, and not with another", () => {
  const spec = specOf({ ...FIRST_WISH, label: "triple_barrier", up: 2.5 }, SERIES);
  expect(spec.target).toEqual({
    kind: "triple_barrier",
    bars: 12,
    up: { kind: "percent", value: "2.5" },
    down: { kind: "percent", value: "3" },
  });
  expect(specOf(FIRST_WISH, SERIES).target).not.toHaveProperty("up");
});

test("a kind that does not learn the other task gives way", () => {
  const logistic = { ...FIRST_WISH, kind: "logistic" as const };
  expect(withTask(logistic, "regress")).toMatchObject({ task: "regress", kind: "ridge" });
  expect(withTask(FIRST_WISH, "regress").kind).toBe("boosting");
  expect(kindsOf("classify")).not.toContain("ridge");
});

test("a refusal is told at its field", () => {
  const refusal = (place: string) => new ApiError({ status: 422, detail: "x", place });
  expect(trainFieldOf(refusal("/features/up:7"))).toBe("features");
  expect(trainFieldOf(refusal("/target/bars"))).toBe("target");
  expect(trainFieldOf(refusal("/seed"))).toBeNull();
  expect(trainFieldOf(new Error("x"))).toBeNull();
});
