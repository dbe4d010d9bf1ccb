/** A text's places, and where problems stand in it. */

import { expect, test } from "vitest";
import { placesOf } from "./json-places";
import { lineOf, locate } from "./problem-places";

const TEXT = `{
  "entry": "smaa(close, 3) > \\"x\\" + foo",
  "universe": ["BTC/USDT", "bad"],
  "a/b": {"c~d": -1.5e3}
}
`;

const at = (place: string, code = "any", text = TEXT) => {
  const [found] = locate([{ place, code, text: "" }], text, placesOf(text));
  return found ? { said: text.slice(found.start, found.end), line: found.line } : null;
};

test("every setting is found by its pointer", () => {
  const { values, trouble } = placesOf(TEXT);
  expect(trouble).toBeNull();
  expect([...values.keys()].sort()).toEqual([
    "",
    "/a~1b",
    "/a~1b/c~0d",
    "/entry",
    "/universe",
    "/universe/0",
    "/universe/1",
  ]);
  expect(at("/universe/1")).toEqual({ said: '"bad"', line: 3 });
});

test("a character in an expression is the word that begins there, backslashes counted", () => {
  expect(at("/entry:1")).toEqual({ said: "smaa", line: 2 });
  expect(at("/entry:24")).toEqual({ said: "foo", line: 2 });
});

test("an unknown setting is its name, a missing one is where it is missing", () => {
  expect(at("/universe", "unknown_setting")).toEqual({ said: '"universe"', line: 3 });
  expect(at("/a~1b/gone", "missing")).toEqual({ said: "{", line: 4 });
  expect(at("/gone/deep", "missing")).toEqual({ said: "{", line: 1 });
});

test("a text that breaks off is read up to there", () => {
  const broken = '{\n  "a": 1,\n  "b" 2\n}';
  expect(placesOf(broken).trouble).toBe(broken.indexOf("2"));
  expect(at("", "not_json", broken)).toEqual({ said: "2", line: 3 });
  expect(placesOf("").trouble).toBe(0);
  expect(placesOf("{} x").trouble).toBe(3);
  expect(placesOf("01").trouble).toBe(0);
});

test("a name that comes twice is where the trouble is", () => {
  const twice = '{"a": 1, "a": 2}';
  expect(placesOf(twice).trouble).toBe(twice.lastIndexOf('"a"'));
});

test("a hostile depth ends, and does not crash", () => {
  expect(placesOf("[".repeat(100_000)).trouble).toBeLessThan(100);
});

test("lines count from one", () => {
  expect(lineOf("a\nb", 0)).toBe(1);
  expect(lineOf("a\nb", 2)).toBe(2);
});
