/** The diff of two versions: nothing is lost, nothing is told as changed that stayed. */

import { expect, test } from "vitest";
import { folded, lineDiff } from "./line-diff";

const SIGN = { same: " ", removed: "-", added: "+" };
const shown = (before: string, after: string) => lineDiff(before, after).map((one) => SIGN[one.kind] + one.text);

test("what went comes before what took its place", () => {
  expect(shown("a\nb\nc", "a\nx\nc")).toEqual([" a", "-b", "+x", " c"]);
});

test("a line that moved among others is told once", () => {
  expect(shown("a\nb\nc\nd", "a\nc\nd\ne")).toEqual([" a", "-b", " c", " d", "+e"]);
});

test("line numbers are each side's own", () => {
  expect(lineDiff("a\nb", "x\na\nb").map((one) => [one.before, one.after])).toEqual([
    [null, 1],
    [1, 2],
    [2, 3],
  ]);
});

test("both texts can be read back out of any diff", () => {
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  for (let round = 0; round < 200; round += 1) {
    const text = () => Array.from({ length: 1 + next(12) }, () => "abcd"[next(4)]).join("\n");
    const [before, after] = [text(), text()];
    const lines = lineDiff(before, after);
    const side = (kind: "removed" | "added") =>
      lines
        .filter((one) => one.kind === "same" || one.kind === kind)
        .map((one) => one.text)
        .join("\n");
    expect([side("removed"), side("added")]).toEqual([before, after]);
  }
});

test("two long texts without a common line are compared without a table", () => {
  const many = (stem: string) => Array.from({ length: 3_000 }, (_, index) => stem + index).join("\n");
  expect(lineDiff(many("a"), many("b"))).toHaveLength(6_000);
});

test("what is far from any change is left out, and counted", () => {
  const long = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  const parts = folded(lineDiff(long.join("\n"), long.with(10, "new").join("\n")));
  expect(parts.map((part) => ("left_out" in part ? part.left_out : part.lines.length))).toEqual([7, 8, 6]);
  expect(folded(lineDiff("a", "a"))).toEqual([{ left_out: 1, from: 1 }]);
});
