import { expect, test } from "vitest";
import type { ImportProblem } from "../lib/contract";
import { reasonsOf } from "./reasons";

const problem = (line: number, reason: string): ImportProblem => ({ line, reason, code: "c", raw: "", kept: false });

test("a reason is said once, with the first lines that it met", () => {
  const rows = [2, 1_204, 7, 9].map((line) => problem(line, "high is below low"));
  expect(reasonsOf(rows)).toBe("Lines 2, 1,204, 7 and more: high is below low");
});

test("a file refused as a whole has a reason without a line", () => {
  expect(reasonsOf([problem(0, "the file is empty")])).toBe("the file is empty");
});

test("of many reasons two are said, the others counted", () => {
  const rows = ["first", "second", "third", "fourth"].map((reason, index) => problem(index + 2, reason));
  expect(reasonsOf(rows)).toBe("Line 2: first · Line 3: second · 2 more reasons");
});
