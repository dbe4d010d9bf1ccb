import { expect, test } from "vitest";
import { choiceKey, fitting } from "../lib/choices";
import type { Series } from "../lib/contract";
import type { Choice, Preset } from "../lib/vault";
import { estimateWords, heirs, type Means, openingOf, whyNot } from "./session-form";

const choice = (id: string, changes: Partial<Choice> = {}): Choice => ({
  id,
  label: id,
  provider: "openai",
  provider_label: "OpenAI",
  state: "working",
  kind: "language",
  credential_id: "k1",
  credential: "Main",
  is_default: false,
  price_known: true,
  free: false,
  ...changes,
});
const analyst = choice("analyst", { provider: "builtin", kind: "rules", credential_id: null, credential: null });
const mini = choice("mini");
const large = choice("large", { credential_id: "k2" });
const odd = choice("odd", { price_known: false });
const all = [analyst, mini, large, odd];
const series = { id: "s", symbol: "BTC/USDT", timeframe: "1h" } as Series;
const means: Means = { model: choiceKey(mini), preset: null, cap: "", fallback: null };

test("the analyst is asked for nothing but the question", () => {
  expect(openingOf(" why ", { ...means, cap: "3", fallback: choiceKey(large) }, analyst, series, all)).toEqual({
    goal: "why",
    model: "analyst",
    symbol: "BTC/USDT",
    timeframe: "1h",
  });
});

test("a language model goes with its key, its cap and what follows when it fails", () => {
  const opening = openingOf(
    "why",
    { ...means, preset: "p", cap: "0.50", fallback: choiceKey(large) },
    mini,
    series,
    all,
  );
  expect(opening).toMatchObject({
    credential_id: "k1",
    preset_id: "p",
    cap: "0.50",
    fallback: { credential_id: "k2", model: "large" },
  });
  expect(openingOf("why", means, mini, series, all).fallback).toBeNull();
});

test("an unknown price stops the start, with its reason; a free server's does not", () => {
  expect(whyNot("why", means, odd, series)).toContain("price of odd");
  expect(whyNot("why", means, { ...odd, free: true }, series)).toBeNull();
});

test.each([
  [" ", mini, series, "goal"],
  ["why", undefined, series, "model"],
  ["why", mini, undefined, "market"],
] as const)("what is lacking is said", (goal, chosen, market, words) => {
  expect(whyNot(goal, means, chosen, market)).toContain(words);
});

test("a cap that is no amount is said", () => {
  expect(whyNot("why", { ...means, cap: "much" }, mini, series)).toContain("cap");
});

test("the fallback is another model with a known price", () => {
  expect(heirs(all, choiceKey(mini)).map((each) => each.id)).toEqual(["large"]);
});

test("a preset of another model is not offered", () => {
  const preset = { id: "p", name: "x", credential_id: null, model: "large" } as Preset;
  expect(fitting([preset], mini)).toEqual([]);
  expect(fitting([preset, { ...preset, model: null }], mini)).toHaveLength(1);
});

test("an estimate is a range from sessions of one's own, or says that there is none", () => {
  const estimate = { n: 30, cost_low: "0.18", cost_high: "0.31", minutes_low: 2, minutes_high: 4 };
  expect(estimateWords(estimate, { free: false })).toBe("$0.18 to $0.31, 2.0 to 4.0 min (n = 30)");
  expect(estimateWords({ n: 0 }, { free: false })).toContain("no estimate");
});

test("a server that was declared free costs nothing, whatever the same model cost elsewhere", () => {
  const estimate = { n: 1, cost_low: "0.18", cost_high: "0.18", minutes_low: 2, minutes_high: 2 };
  expect(estimateWords(estimate, { free: true })).toBe("Free, 2.0 min (one session)");
});
