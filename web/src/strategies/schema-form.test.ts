/** The form's fields come from the published schema, and write the document that the text shows. */

import { expect, test } from "vitest";
import { freeName, numberIn, parsed, pointerOf, renamed, valueAt, withValue, written } from "./document-edit";
import { type Field, fieldsOf } from "./schema-form";

const exact = { anyOf: [{ type: "string", pattern: "x" }, { type: "number" }] };
const SCHEMA = {
  $defs: {
    Costs: {
      type: "object",
      description: "What each fill costs.",
      properties: { fee_bps: exact },
      required: ["fee_bps"],
    },
    Fixed: { type: "object", properties: { kind: { const: "fixed" }, cash: exact } },
    Part: { type: "object", properties: { kind: { const: "fraction" }, fraction: exact } },
  },
  properties: {
    schema: { const: "omc-strategy/1", type: "string" },
    universe: { type: "array", items: { type: "string" } },
    entry: { type: "string", maxLength: 4000 },
    short_entry: { anyOf: [{ type: "string", maxLength: 4000 }, { type: "null" }], default: null },
    parameters: { type: "object", patternProperties: { "^a$": { type: "number" } } },
    features: { type: "object", additionalProperties: { oneOf: [{ type: "string" }, { $ref: "#/$defs/Costs" }] } },
    inputs: { type: "object", additionalProperties: { oneOf: [{ $ref: "#/$defs/Fixed" }, { $ref: "#/$defs/Part" }] } },
    sizing: { anyOf: [{ $ref: "#/$defs/Fixed" }, { $ref: "#/$defs/Part" }] },
    costs: { $ref: "#/$defs/Costs" },
    maker: { anyOf: [exact, { type: "null" }] },
    warm_up_bars: { type: "integer" },
    unit: { enum: ["bar", "day"] },
    odd: { type: "array", items: { type: "array" } },
  },
  required: ["entry"],
};

const field = (name: string): Field | undefined => fieldsOf(SCHEMA).find((one) => one.name === name);

test("each setting has the field that its type calls for", () => {
  expect(fieldsOf(SCHEMA).map((one) => `${one.name}: ${one.kind}`)).toEqual([
    "schema: fixed",
    "universe: list",
    "entry: expression",
    "short_entry: expression",
    "parameters: numbers",
    "features: expressions",
    "inputs: unknown",
    "sizing: variant",
    "costs: group",
    "maker: decimal",
    "warm_up_bars: number",
    "unit: choice",
    "odd: unknown",
  ]);
  expect(field("entry")?.required).toBe(true);
  expect(field("short_entry")?.required).toBe(false);
});

test("a union is one group of several, told apart by its kind", () => {
  const sizing = field("sizing");
  if (sizing?.kind !== "variant") throw new Error("no variant");
  expect(sizing.by).toBe("kind");
  expect(sizing.cases.map((one) => [one.value, one.fields.map((each) => each.kind)])).toEqual([
    ["fixed", ["fixed", "decimal"]],
    ["fraction", ["fixed", "decimal"]],
  ]);
});

test("a group's help is its own", () => {
  expect(field("costs")?.help).toBe("What each fill costs.");
});

test("a schema that refers to itself ends", () => {
  const loop = {
    $defs: { A: { type: "object", properties: { a: { $ref: "#/$defs/A" } } } },
    properties: { a: { $ref: "#/$defs/A" } },
  };
  expect(JSON.stringify(fieldsOf(loop))).toContain("unknown");
});

test("a change leaves all else and the order as it is", () => {
  const document = { name: "A", costs: { fee_bps: "1", slippage_bps: "2" }, exit: "x" };
  const changed = withValue(document, ["costs", "fee_bps"], "3");
  expect(written(changed)).toBe(written({ name: "A", costs: { fee_bps: "3", slippage_bps: "2" }, exit: "x" }));
  expect(valueAt(changed, ["costs", "fee_bps"])).toBe("3");
  expect(valueAt(changed, ["costs", "gone", "deep"])).toBeUndefined();
});

test("a new setting comes where the schema has it, and an emptied one goes", () => {
  const document = { name: "A", exit: "x" };
  const more = withValue(document, ["entry"], "y", ["name", "entry", "exit"]);
  expect(Object.keys(more)).toEqual(["name", "entry", "exit"]);
  expect(withValue(more, ["entry"], undefined)).toEqual(document);
});

test("names can be changed in place and found free", () => {
  expect(Object.keys(renamed({ a: 1, b: 2 }, "a", "c"))).toEqual(["c", "b"]);
  expect(freeName({ feature_1: "x" }, "feature")).toBe("feature_2");
});

test("what is no number yet stays as it is written", () => {
  expect(["12", "-0.5", "1e3", "0.", "", "abc"].map(numberIn)).toEqual([12, -0.5, 1000, 0, "", "abc"]);
});

test("only an object is a document", () => {
  expect(["[1]", "null", "3", "{", ""].map(parsed)).toEqual([null, null, null, null, null]);
  expect(parsed('{"a": 1}')).toEqual({ a: 1 });
  expect(pointerOf(["a/b", "c~d"])).toBe("/a~1b/c~0d");
});
