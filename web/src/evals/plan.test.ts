import { expect, test } from "vitest";
import { choiceKey } from "../lib/choices";
import type { Series } from "../lib/contract";
import type { Choice } from "../lib/vault";
import { firstEntries, planOf, readPlan } from "./plan";

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
const choices = [analyst, choice("a"), choice("b"), choice("c", { price_known: false })];
const series = [{ id: "s", symbol: "BTC/USDT", timeframe: "1h", venue: "x" }] as Series[];
const keys = (...names: string[]) =>
  names.map((name) => choiceKey(choices.find((each) => each.id === name) ?? analyst));
const entrants = (...all: (string | null)[]) => all.map((key) => ({ key, preset: null }));

test("the models of the address take part, the analyst among them", () => {
  expect(firstEntries(choices, "~analyst,k1~b")).toEqual(keys("analyst", "b"));
});

test("without an address the first two language models do", () => {
  expect(firstEntries(choices, "yes")).toEqual(keys("a", "b"));
  expect(firstEntries([analyst], "yes")).toEqual([null, null]);
});

test("a whole plan is what the server takes", () => {
  const { body, reason } = readPlan(planOf("s", keys("a", "analyst")), choices, series);
  expect(reason).toBeNull();
  expect(body?.entries).toEqual([
    { credential_id: "k1", model: "a" },
    { credential_id: null, model: "analyst" },
  ]);
  expect(body?.cap).toBe("1.00");
});

test("one model takes part twice when its presets differ", () => {
  const [plain, other] = entrants(...keys("a", "a"));
  const entries = plain && other ? [plain, { ...other, preset: "p" }] : [];
  const { body } = readPlan({ ...planOf("s", []), entries }, choices, series);
  expect(body?.entries).toEqual([
    { credential_id: "k1", model: "a" },
    { credential_id: "k1", model: "a", preset_id: "p" },
  ]);
});

test.each([
  [{ goal: " " }, "task"],
  [{ series: null }, "market"],
  [{ entries: entrants(...keys("a"), null) }, "every row"],
  [{ entries: entrants(...keys("a", "c")) }, "price of c"],
  [{ entries: entrants(...keys("a", "a")) }, "the same"],
  [{ cap: "" }, "Set a cap"],
  [{ cap: "lots" }, "not an amount"],
])("what is lacking is said: %j", (change, words) => {
  const { body, reason } = readPlan({ ...planOf("s", keys("a", "b")), ...change }, choices, series);
  expect(body).toBeNull();
  expect(reason).toContain(words);
});
